"""Purging (*usuwanie po terminie*): what is over its term of keeping is found, shown, and erased."""
