"""Bodies that a labour office answers besides its records."""
