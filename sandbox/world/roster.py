"""A list of people in the order in which they came, newest first, made to be paged and drawn from at any size."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import count
from random import Random


class Roster:
    """A set of account ids, each with the sequence number of its arrival.

    Adding, removing and picking take constant time. The order is sorted once after a change; a page is a slice.
    """

    def __init__(self) -> None:
        self._arrival: dict[int, int] = {}
        self._pool: list[int] = []
        self._place: dict[int, int] = {}
        self._numbers = count(1)
        self._order: list[tuple[int, int]] | None = None

    def __len__(self) -> int:
        return len(self._pool)

    def __contains__(self, pk: object) -> bool:
        return pk in self._arrival

    def __iter__(self) -> Iterator[int]:
        return (pk for _, pk in self._newest_first())

    def add(self, pk: int, arrival: int | None = None) -> None:
        """Put ``pk`` at the head of the list, or back at its earlier ``arrival``."""
        self._arrival[pk] = next(self._numbers) if arrival is None else arrival
        self._place[pk] = len(self._pool)
        self._pool.append(pk)
        self._order = None

    def remove(self, pk: int) -> int:
        """Take ``pk`` out and return its arrival number; KeyError if it is not in the list."""
        arrival, place, last = self._arrival.pop(pk), self._place.pop(pk), self._pool.pop()
        if last != pk:
            self._pool[place], self._place[last] = last, place
        self._order = None
        return arrival

    def pick(self, rng: Random) -> int:
        """Return any member, drawn evenly; IndexError if there is none."""
        return self._pool[int(rng.random() * len(self._pool))]

    def page(self, after: int | None, size: int) -> tuple[list[int], int | None]:
        """Return up to ``size`` members from before arrival ``after``, and where to go on, None at the end."""
        order = self._newest_first()
        start = 0 if after is None else bisect_left(order, (-after + 1, -1))
        rows = order[start : start + size]
        more = start + size < len(order)
        return [pk for _, pk in rows], -rows[-1][0] if more else None

    def settle(self) -> None:
        """Sort now, so that the next page need not."""
        self._newest_first()

    def _newest_first(self) -> list[tuple[int, int]]:
        if self._order is None:
            self._order = sorted((-arrival, pk) for pk, arrival in self._arrival.items())
        return self._order
