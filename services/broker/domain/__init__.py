"""The broker's rules; imports the standard library and ``shared.domain`` alone."""
