"""The bodies of the local API: what an office's own systems send and get, with examples."""
