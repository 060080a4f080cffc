"""How services speak: keys, signatures, proofs, the directory, streams, and the client that calls (WIRE.md)."""
