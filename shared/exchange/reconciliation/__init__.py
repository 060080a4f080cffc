"""Reconciliation (*uzgadnianie*): a node scrubs what it holds, mends it from the other end, keeps a work list."""
