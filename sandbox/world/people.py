"""Generates people: ids, usernames and display names as strangers really have them."""

from collections.abc import Container
from dataclasses import dataclass
from random import Random

from .words import EMOJI, FAMILY_NAMES, GIVEN_NAMES, HANDLE_WORDS, HOSTILE_NAMES, OTHER_SCRIPTS

_PRIVATE, _VERIFIED, _NO_PICTURE = 0.35, 0.005, 0.08
_LONG_ID = 0.05
_USERNAME_LIMIT = 30


@dataclass(slots=True)
class Person:
    """One account of the platform; ``pk`` stays for life, the names do not."""

    pk: int
    username: str
    full_name: str
    is_private: bool
    is_verified: bool
    has_picture: bool


def new_pk(rng: Random, taken: Container[int]) -> int:
    """Return an unused account id; one in twenty is beyond 2**53, where a JavaScript number loses digits."""
    while True:
        pk = rng.randrange(2**53, 2**57) if rng.random() < _LONG_ID else rng.randrange(10_000_000, 78_000_000_000)
        if pk not in taken:
            return pk


def new_username(rng: Random, taken: Container[str]) -> str:
    """Return an unused username: lower-case letters, digits, ``.`` and ``_``, at most 30."""
    while True:
        name = _username(rng)
        if name not in taken:
            return name


def _username(rng: Random) -> str:
    words, spread = HANDLE_WORDS, rng.random()
    first, second = words[int(rng.random() * len(words))], words[int(rng.random() * len(words))]
    joint = "._"[int(rng.random() * 2)] if spread < 0.6 else ""
    tail = str(int(rng.random() * 10_000)) if rng.random() < 0.7 else ""
    lead = "_" if spread > 0.97 else ""
    return f"{lead}{first}{joint}{second}{tail}"[:_USERNAME_LIMIT]


def new_full_name(rng: Random) -> str:
    """Return a display name: mostly plain, often with emoji or in another script, sometimes empty or hostile."""
    kind = rng.random()
    if kind < 0.08:
        return ""
    if kind < 0.11:
        return rng.choice(HOSTILE_NAMES)
    if kind < 0.19:
        return rng.choice(OTHER_SCRIPTS)
    given = GIVEN_NAMES[int(rng.random() * len(GIVEN_NAMES))]
    if kind < 0.34:
        return f"{given} {rng.choice(EMOJI)}"
    return f"{given} {FAMILY_NAMES[int(rng.random() * len(FAMILY_NAMES))]}"


def new_person(rng: Random, pks: Container[int], usernames: Container[str], username: str | None = None) -> Person:
    """Return a person with an unused id and username; a given ``username`` must be free."""
    return Person(
        pk=new_pk(rng, pks),
        username=username or new_username(rng, usernames),
        full_name=new_full_name(rng),
        is_private=rng.random() < _PRIVATE,
        is_verified=rng.random() < _VERIFIED,
        has_picture=rng.random() >= _NO_PICTURE,
    )
