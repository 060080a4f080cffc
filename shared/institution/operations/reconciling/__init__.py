"""Reconciliation at an office: what the broker asks is worked off outside the mailbox, step by step, and answered."""
