"""Seeds that once found something: they run in the short tier for ever."""

from typing import Final

KEPT: Final = {
    90: "an office restored from before a match told the others anew, without what its file had lost",
}
"""Seed, and what it found. A change of the simulation itself makes another run of it; the small test of each stays."""
