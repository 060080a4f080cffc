"""A social welfare centre (*ośrodek pomocy społecznej*, OPS)."""
