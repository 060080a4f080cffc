"""Use cases of a labour office besides the common ones."""
