"""Reconciliation at the broker: it scrubs, names what it holds, gives and takes back entries, and signs the outcome."""
