"""Proofs: one signed token per call and one per answer (WIRE.md, section 3)."""
