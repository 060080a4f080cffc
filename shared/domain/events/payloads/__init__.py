"""The shapes of payloads, one class each (WIRE.md, section 4)."""
