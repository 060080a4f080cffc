"""Benchmarks: figures measured on the machine at hand, never kept from another day; ``./dev bench NAME``."""
