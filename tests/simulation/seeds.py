"""Seeds that once found something: they run in the short tier for ever."""

from typing import Final

KEPT: Final = {
    90: "an office restored from before a match told the others anew, without what its file had lost",
    108: "and what it had closed since the copy was open again at the others",
    104: "a dead letter of a SET that was written before its author heard of a parting, and pushed after it said so",
}
"""Seed, and what it found. A change of the simulation itself makes another run of it; the small test of each stays."""
