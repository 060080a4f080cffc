"""Seeds that once found something: they run in the short tier for ever."""

from typing import Final

KEPT: Final = {
    10: "a restored office told the others anew from older rows: what it had closed since the copy was open again",
}
"""Seed, and what it finds in a product without the mend. A change of the simulation makes other runs of all seeds:
look for one that finds it again, with the mend taken out. The small test of each find stays, whatever becomes of it.
"""
