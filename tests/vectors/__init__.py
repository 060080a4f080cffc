"""Test vectors of the wire: inputs and exact bytes, for whoever speaks it in another language."""
