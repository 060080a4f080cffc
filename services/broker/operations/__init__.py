"""The broker's use cases, one a file."""
