"""Erasing (*usunięcie danych*): what refuses it, which SETs it names, what goes, and who has followed it."""
