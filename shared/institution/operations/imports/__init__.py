"""Imports of files (*import danych*): taken in, worked through in chunks, told line by line."""
