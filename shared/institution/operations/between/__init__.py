"""What goes between this office and the others that share a client."""
