"""Which names a file has used already, in a table of fixed size: 16 MiB for a million names."""

from array import array

_MASK = (1 << 64) - 1


class Repeats:
    """Remembers names of one file within one process, as 64 bits each: two of a million meet in one of 10^7 files."""

    def __init__(self, names: int) -> None:
        self._slots = array("Q", bytes(8)) * (1 << max(10, (names * 4 // 3).bit_length()))
        self._last = len(self._slots) - 1
        self._free = len(self._slots) * 3 // 4

    def add(self, name: object) -> bool:
        """Remember a name; tell whether it was there already.

        :raises OverflowError: there are more names than were announced.

        >>> seen = Repeats(10)
        >>> seen.add(("clients", "17")), seen.add(("clients", "17")), ("clients", "17") in seen
        (False, True, True)
        """
        value, at = self._find(name)
        if self._slots[at]:
            return True
        if not self._free:
            raise OverflowError("More names than were announced.")
        self._free -= 1
        self._slots[at] = value
        return False

    def __contains__(self, name: object) -> bool:
        return bool(self._slots[self._find(name)[1]])

    def _find(self, name: object) -> tuple[int, int]:
        value = hash(name) & _MASK or 1
        at = value & self._last
        while self._slots[at] and self._slots[at] != value:
            at = (at + 1) & self._last
        return value, at
