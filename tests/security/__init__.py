"""Attacks: who may say and read what, and what becomes of tokens that nobody honest would make."""
