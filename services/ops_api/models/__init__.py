"""What only a welfare centre answers."""
