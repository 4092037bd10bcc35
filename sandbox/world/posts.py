"""The account's published pieces, and the growth of each one's counts with its age."""

import math
from bisect import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from .people import Person
from .words import EMOJI, HANDLE_WORDS, HASHTAGS, OPENINGS, SUBJECTS

_EPOCH_MS = 1_314_220_021_721
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_KINDS = ("image", "carousel", "reel")
_KIND_UPTO = (0.40, 0.65, 1.0)
_VIRAL, _HIDDEN, _OFF_GRID, _COAUTHORED, _WORDLESS = 0.04, 0.08, 0.25, 0.04, 0.06


class Kind(StrEnum):
    """The kind of a piece."""

    IMAGE = "image"
    CAROUSEL = "carousel"
    REEL = "reel"


@dataclass(frozen=True, slots=True)
class Engagement:
    """True counts at one moment; views and plays are None for what does not play."""

    likes: int
    comments: int
    views: int | None
    plays: int | None


@dataclass(frozen=True, slots=True)
class Post:
    """One piece and its fate: how many it will reach in the end, and how fast."""

    pk: int
    taken_at: datetime
    kind: Kind
    caption: str | None
    parts: int
    """Pictures of a carousel, 1 otherwise."""
    duration: float | None
    hides_counts: bool
    in_grid: bool
    pinned: bool
    pinned_in_reels: bool
    owner: Person | None
    """The co-author whose post it is; None when it is the account's own."""
    likes: float
    comments: float
    plays: float
    plays_per_view: float
    half_life: timedelta
    pull: float
    """Followers a day that it brings while it is fresh."""

    @property
    def code(self) -> str:
        """The shortcode: the id in base 64."""
        return shortcode(self.pk)

    def engagement(self, now: datetime) -> Engagement:
        """Return the counts at ``now``: they rise steeply, then ever more slowly, and never fall."""
        share = self.share(now)
        plays = int(self.plays * share) if self.kind is Kind.REEL else None
        views = None if plays is None else int(plays / self.plays_per_view)
        return Engagement(int(self.likes * share), int(self.comments * share), views, plays)

    def share(self, now: datetime) -> float:
        """Return the part, from 0 to 1, of what it gets in the end."""
        return 1 - math.pow(0.5, max((now - self.taken_at) / self.half_life, 0.0))

    def draws(self, now: datetime) -> float:
        """Return how many followers a day it brings at ``now``; little after three days."""
        age = (now - self.taken_at) / timedelta(days=1)
        return self.pull * math.exp(-age) if 0 <= age < 7 else 0.0


def shortcode(pk: int) -> str:
    """Return ``pk`` in the platform's base 64, most significant digit first."""
    code = ""
    while pk:
        pk, digit = divmod(pk, 64)
        code = _ALPHABET[digit] + code
    return code


def media_pk(taken_at: datetime, rng: Random) -> int:
    """Return a media id: milliseconds since the platform's epoch in the high bits, so that ids sort by time."""
    return (int(taken_at.timestamp() * 1000) - _EPOCH_MS << 23) + rng.getrandbits(23)


def compose(rng: Random, taken_at: datetime, followers: int, pinned: bool, coauthor: Person | None) -> Post:
    """Return a piece published at ``taken_at`` to ``followers`` people; ``coauthor`` may turn out to own it."""
    kind = Kind(_KINDS[bisect(_KIND_UPTO, rng.random())])
    reel = kind is Kind.REEL
    strength = rng.lognormvariate(0.0, 0.5) * (8.0 if rng.random() < _VIRAL else 1.0)
    likes = max(followers, 20) * {Kind.IMAGE: 0.035, Kind.CAROUSEL: 0.045, Kind.REEL: 0.06}[kind] * strength
    return Post(
        pk=media_pk(taken_at, rng),
        taken_at=taken_at,
        kind=kind,
        caption=None if rng.random() < _WORDLESS else _caption(rng),
        parts=rng.randint(2, 10) if kind is Kind.CAROUSEL else 1,
        duration=round(rng.uniform(4, 89), 3) if reel else None,
        hides_counts=rng.random() < _HIDDEN,
        in_grid=pinned or not (reel and rng.random() < _OFF_GRID),
        pinned=pinned,
        pinned_in_reels=reel and rng.random() < 0.05,
        owner=coauthor if rng.random() < _COAUTHORED else None,
        likes=likes,
        comments=likes * rng.uniform(0.01, 0.06),
        plays=likes * rng.uniform(9, 30),
        plays_per_view=rng.uniform(1.3, 4.4),
        half_life=timedelta(hours=rng.uniform(6, 40)),
        pull=followers * 0.002 * (strength - 1.0) if strength > 1.2 else 0.0,
    )


def _caption(rng: Random) -> str:
    tags = rng.sample(HASHTAGS, rng.randint(0, 6))
    mention = f" with @{rng.choice(HANDLE_WORDS)}.{rng.choice(HANDLE_WORDS)}" if rng.random() < 0.2 else ""
    text = f"{rng.choice(OPENINGS)} {rng.choice(SUBJECTS)}{mention} {rng.choice(EMOJI)}"
    return f"{text}\n.\n{' '.join(tags)}" if tags else text
