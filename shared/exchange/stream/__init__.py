"""Streams: ordered lists of SETs from one owner to one peer, with positions, a chain and checkpoints."""
