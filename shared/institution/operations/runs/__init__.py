"""Runs of reconciliation as they arrive in the mailbox: noted for the worker, kept, or compared with a peer at once."""
