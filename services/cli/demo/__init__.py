"""The demo: the whole federation on this machine."""
