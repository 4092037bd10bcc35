"""A fixed-size memory of ids that a walk has seen. Pure."""

from collections.abc import Iterable


class BloomFilter:
    """Remembers any number of ids in a fixed 8 MB, so that a walk's memory does not grow with the list.

    It is a Bloom filter: it may take a new id for a known one (1 in 10 000 at a million people), never the reverse.
    That is enough for guards and progress; the count behind a verdict comes from the staged rows.
    """

    _MASK = (1 << 26) - 1

    def __init__(self) -> None:
        self._field = bytearray((self._MASK + 1) // 8)

    def add(self, ids: Iterable[str]) -> int:
        """Remembers `ids` and returns the number of new ones."""
        return sum(self._add(text) for text in ids)

    def _add(self, text: str) -> bool:
        bits, field, new = hash(text), self._field, False
        for place in (bits & self._MASK, bits >> 19 & self._MASK, bits >> 38 & self._MASK):
            bit = 1 << (place & 7)
            if not field[place >> 3] & bit:
                field[place >> 3] |= bit
                new = True
        return new
