"""The changes of the lists, in order, so that any two moments can be compared."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """The net difference of one list between two moments: who came and went in between is in neither."""

    gained: list[int]
    lost: list[int]
    renamed: dict[int, str]
    """Members at both moments whose username differs, with the username they had then."""


class Journal:
    """Arrivals and departures of one list; events at one moment keep their order."""

    def __init__(self) -> None:
        self._at: list[datetime] = []
        self._events: list[tuple[int, bool]] = []

    def note(self, at: datetime, pk: int, came: bool) -> None:
        """Write down that ``pk`` came into the list, or left it, at ``at``; moments never go backwards."""
        self._at.append(at)
        self._events.append((pk, came))

    def history(self) -> dict[int, list[tuple[datetime, bool]]]:
        """Return all comings (True) and goings by person, oldest first."""
        changes: dict[int, list[tuple[datetime, bool]]] = {}
        for at, (pk, came) in zip(self._at, self._events, strict=True):
            changes.setdefault(pk, []).append((at, came))
        return changes

    def between(self, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how often someone came, and how often someone left, from ``since`` to before ``until``."""
        events = self._events[bisect_left(self._at, since) : bisect_left(self._at, until)]
        came = sum(came for _, came in events)
        return came, len(events) - came

    def changed(self, since: datetime, members: Container[int]) -> tuple[list[int], list[int]]:
        """Return who is in ``members`` now but was not at ``since``, and the reverse, each sorted."""
        was_member: dict[int, bool] = {}
        for pk, came in self._events[bisect_right(self._at, since) :]:
            was_member.setdefault(pk, not came)
        gained = sorted(pk for pk, was in was_member.items() if not was and pk in members)
        lost = sorted(pk for pk, was in was_member.items() if was and pk not in members)
        return gained, lost


class Names:
    """Every renaming, oldest first."""

    def __init__(self) -> None:
        self._at: list[datetime] = []
        self._renamings: list[tuple[int, str]] = []

    def note(self, at: datetime, pk: int, old: str) -> None:
        """Write down that ``pk`` stopped being called ``old`` at ``at``."""
        self._at.append(at)
        self._renamings.append((pk, old))

    def at(self, since: datetime) -> dict[int, str]:
        """Return, for all people renamed after ``since``, the username they had then."""
        names: dict[int, str] = {}
        for pk, old in self._renamings[bisect_right(self._at, since) :]:
            names.setdefault(pk, old)
        return names


def difference(
    journal: Journal, names: Names, since: datetime, members: Container[int], username: Callable[[int], str]
) -> Difference:
    """Compare a list as it was at ``since`` with ``members``; ``username`` returns a person's present name."""
    gained, lost = journal.changed(since, members)
    newcomers = set(gained)
    stayed = {pk: old for pk, old in names.at(since).items() if pk in members and pk not in newcomers}
    return Difference(gained, lost, {pk: old for pk, old in stayed.items() if username(pk) != old})
