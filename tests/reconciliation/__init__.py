"""Damage of every kind, done to real services, found and mended by reconciliation."""
