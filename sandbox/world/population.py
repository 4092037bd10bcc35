"""All people around the account: its followers, the people it follows, and their next possible steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from .journal import Difference, Journal, Names, difference
from .people import Person, new_full_name, new_person, new_username
from .roster import Roster

_TAKES_FREED_NAME = 0.02
_ALSO_NEW_FULL_NAME = 0.2


@dataclass(frozen=True, slots=True)
class Absence:
    """A deactivated person's place in each list; None where they were not in it."""

    follower: int | None
    following: int | None


class FollowList:
    """One direction: the present members and the journal of changes."""

    def __init__(self) -> None:
        self.members = Roster()
        self.journal = Journal()

    def add(self, at: datetime, pk: int, arrival: int | None = None) -> None:
        """Add ``pk`` and note it."""
        self.members.add(pk, arrival)
        self.journal.note(at, pk, came=True)

    def remove(self, at: datetime, pk: int) -> int | None:
        """Remove ``pk`` and note it; return its arrival number, None if it was not in the list."""
        if pk not in self.members:
            return None
        self.journal.note(at, pk, came=False)
        return self.members.remove(pk)


class Population:
    """People by id and by present username, the two lists, and those who are away or have left."""

    def __init__(self, reserved_pk: int, reserved_username: str) -> None:
        self.people: dict[int, Person] = {}
        self.followers = FollowList()
        self.following = FollowList()
        self.names = Names()
        self._pks: set[int] = {reserved_pk}
        self._usernames: dict[str, int] = {reserved_username: reserved_pk}
        self._freed: list[str] = []
        self._away: dict[int, Absence] = {}
        self._away_pool = Roster()
        self._former = Roster()

    @property
    def away_count(self) -> int:
        """The number of deactivated people."""
        return len(self._away)

    @property
    def former_count(self) -> int:
        """The number of people who once followed and might again."""
        return len(self._former)

    def by_username(self, username: str) -> Person | None:
        """Return the person with this name now; a deactivated one is not found."""
        return self.by_pk(self._usernames.get(username, 0))

    def by_pk(self, pk: int) -> Person | None:
        """Return the person, None for an unknown or deactivated one."""
        return None if pk in self._away else self.people.get(pk)

    def newcomer(self, rng: Random, username: str | None = None) -> Person:
        """Return a new person; without a requested free ``username``, now and then under one that was given up."""
        if username is None and self._freed and rng.random() < _TAKES_FREED_NAME:
            username = self._freed[int(rng.random() * len(self._freed))]
        if username in self._freed:
            self._freed.remove(username)
        person = new_person(rng, self._pks, self._usernames, username)
        self._pks.add(person.pk)
        self._usernames[person.username] = person.pk
        self.people[person.pk] = person
        return person

    def settle_in(self, rng: Random, followers: int, following: int, mutual_share: float) -> None:
        """Fill both lists without a journal entry: this is how the world was before it began."""
        for _ in range(followers):
            self.followers.members.add(self.newcomer(rng).pk)
        mutual = min(int(following * mutual_share), followers)
        chosen: dict[int, None] = {}
        while len(chosen) < mutual:
            chosen.setdefault(self.followers.members.pick(rng))
        strangers = [self.newcomer(rng).pk for _ in range(following - mutual)]
        both = [*chosen, *strangers]
        rng.shuffle(both)
        for pk in both:
            self.following.members.add(pk)

    def follow(self, at: datetime, pk: int) -> None:
        """``pk`` follows the account."""
        self.followers.add(at, pk)
        if pk in self._former:
            self._former.remove(pk)

    def leave(self, at: datetime, pk: int) -> None:
        """``pk`` stops following the account and may follow again one day."""
        if self.followers.remove(at, pk) is not None:
            self._former.add(pk)

    def longest_gone(self, number: int) -> list[Person]:
        """Return those who left first and have not come back; raises ValueError where there are fewer."""
        if number > len(self._former):
            raise ValueError("more people than have left")
        return [self.people[pk] for pk in list(self._former)[::-1][:number]]

    def return_of_a_former(self, at: datetime, rng: Random) -> int:
        """A former follower follows again; returns the id."""
        pk = self._former.pick(rng)
        self.follow(at, pk)
        return pk

    def rename(self, at: datetime, rng: Random, pk: int) -> None:
        """``pk`` takes a new username and frees the old one."""
        person = self.people[pk]
        old, new = person.username, new_username(rng, self._usernames)
        del self._usernames[old]
        self._usernames[new] = pk
        self._freed.append(old)
        person.username = new
        if rng.random() < _ALSO_NEW_FULL_NAME:
            person.full_name = new_full_name(rng)
        self.names.note(at, pk, old)

    def vanish(self, at: datetime, pk: int) -> None:
        """``pk`` deactivates: gone from both lists until it comes back to the same places."""
        self._away[pk] = Absence(self.followers.remove(at, pk), self.following.remove(at, pk))
        self._away_pool.add(pk)
        if pk in self._former:
            self._former.remove(pk)

    def come_back(self, at: datetime, rng: Random) -> int:
        """A deactivated person returns to their place in each list; returns the id."""
        pk = self._away_pool.pick(rng)
        self._away_pool.remove(pk)
        absence = self._away.pop(pk)
        if absence.follower is not None:
            self.followers.add(at, pk, absence.follower)
        if absence.following is not None:
            self.following.add(at, pk, absence.following)
        return pk

    def is_free(self, username: str) -> bool:
        """Whether no one has this name now."""
        return username not in self._usernames

    def compare(self, which: FollowList, since: datetime) -> Difference:
        """Return the net difference of one list between ``since`` and now."""
        return difference(which.journal, self.names, since, which.members, lambda pk: self.people[pk].username)

    def listed(self, which: FollowList) -> Iterator[Person]:
        """Yield the members of one list, newest first."""
        return (self.people[pk] for pk in which.members)
