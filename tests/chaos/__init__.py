"""Real processes under steady writes, while a seed kills, stops, cuts, tampers and fills disks; then a comparison."""
