"""The channel's videos, and the days of each one's life."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from sandbox.world.chance import Dice, dice, poisson
from sandbox.world.words import EMOJI, HASHTAGS, OPENINGS, SUBJECTS

from .days import day_of, elapsed
from .figures import Figures

SHORTS_BREAK, VIEWS_BREAK = date(2025, 3, 31), date(2026, 8, 24)
"""The days since which each start of a Short, and of any video, counts as a view."""
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SHORT, _VIRAL, _UNLISTED, _PRIVATE = 0.35, 0.04, 0.03, 0.03
_NO_LIKES_SHOWN, _NO_COMMENTS = 0.05, 0.05
_WEEK = (0.9, 0.9, 0.95, 1.0, 1.05, 1.1, 1.1)


class Kind(StrEnum):
    """The kind of a video, under the platform's own names."""

    LONG = "videoOnDemand"
    SHORT = "shorts"


class Privacy(StrEnum):
    """The people who may see a video."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


@dataclass(slots=True)
class Video:
    """One video and its fate; its days are lived once and then remembered."""

    id: str
    published_at: datetime
    kind: Kind
    title: str
    description: str
    tags: tuple[str, ...]
    length: int
    """Seconds."""
    privacy: Privacy
    shows_likes: bool
    takes_comments: bool
    reach: float
    """Engaged views in the end."""
    half_life: float
    """Days in which half of them come."""
    starts: float
    """Starts for each engaged view."""
    kept: float
    """The share of the video that an engaged view lasts."""
    draw: float
    """Subscribers for each engaged view."""
    gone_at: datetime | None = None
    _rng: Dice = field(default_factory=lambda: dice("video"), repr=False)
    _days: list[Figures] = field(default_factory=list, repr=False)
    _sums: list[Figures] = field(default_factory=list, repr=False)

    def on(self, day: date, now: datetime) -> Figures:
        """Return what ``day`` brought, as far as it is over at ``now`` and the video was there."""
        until = now if self.gone_at is None else min(now, self.gone_at)
        age, last = (day - day_of(self.published_at)).days, day_of(until)
        if age < 0 or until < self.published_at or day > last:
            return Figures()
        while len(self._days) <= age:
            self._days.append(self._live(len(self._days)))
        lived = self._days[age]
        return lived if day < last else lived.part(elapsed(day, until, self.published_at))

    def lifetime(self, now: datetime) -> Figures:
        """Return all of it up to ``now``."""
        last = day_of(now if self.gone_at is None else min(now, self.gone_at))
        today, age = self.on(last, now), (last - day_of(self.published_at)).days
        while len(self._sums) < age:
            before = self._sums[-1] if self._sums else Figures()
            self._sums.append(before + self._days[len(self._sums)])
        return self._sums[age - 1] + today if age > 0 else today

    def _live(self, age: int) -> Figures:
        rng, day = self._rng, day_of(self.published_at) + timedelta(days=age)
        coming = 0.5 ** (age / self.half_life) - 0.5 ** ((age + 1) / self.half_life)
        engaged = poisson(rng, self.reach * (coming + 0.0004) * _WEEK[day.weekday()])
        views = round(engaged * self._starts_on(day))
        return Figures(
            views=views,
            engaged=engaged,
            seconds=int(engaged * self.length * min(self.kept * rng.uniform(0.9, 1.1), 1.0)),
            possible=views * self.length,
            likes=poisson(rng, engaged * 0.04),
            comments=poisson(rng, engaged * 0.005) if self.takes_comments else 0,
            shares=poisson(rng, engaged * 0.008),
            gained=poisson(rng, engaged * self.draw),
            lost=poisson(rng, engaged * self.draw * 0.08),
        )

    def _starts_on(self, day: date) -> float:
        since = SHORTS_BREAK if self.kind is Kind.SHORT else VIEWS_BREAK
        return self.starts if day >= since else 1.0


def name(rng: Random, length: int) -> str:
    """Return a random id in the platform's alphabet."""
    return "".join(rng.choices(_ALPHABET, k=length))


def film(rng: Random, published_at: datetime, subscribers: int) -> Video:
    """Return a video published to so many subscribers."""
    kind = Kind.SHORT if rng.random() < _SHORT else Kind.LONG
    short = kind is Kind.SHORT
    strength = rng.lognormvariate(0.0, 0.7) * (9.0 if rng.random() < _VIRAL else 1.0)
    tags = tuple(tag.removeprefix("#") for tag in rng.sample(HASHTAGS, rng.randint(0, 6)))
    identity = name(rng, 11)
    return Video(
        id=identity,
        published_at=published_at,
        kind=kind,
        title=f"{rng.choice(OPENINGS)} {rng.choice(SUBJECTS)} {rng.choice(EMOJI)}",
        description="\n".join(f"#{tag}" for tag in tags),
        tags=tags,
        length=rng.randint(8, 175) if short else rng.randint(65, 1500),
        privacy=_privacy(rng.random()),
        shows_likes=rng.random() >= _NO_LIKES_SHOWN,
        takes_comments=rng.random() >= _NO_COMMENTS,
        reach=max(subscribers, 50) * strength * (1.2 if short else 0.7),
        half_life=rng.uniform(0.7, 4.0) if short else rng.uniform(2.0, 15.0),
        starts=rng.uniform(1.15, 1.9),
        kept=rng.uniform(0.55, 0.9) if short else rng.uniform(0.25, 0.55),
        draw=rng.uniform(0.0005, 0.003),
        _rng=dice("days", identity, rng.random()),
    )


def _privacy(chance: float) -> Privacy:
    if chance < _PRIVATE:
        return Privacy.PRIVATE
    return Privacy.UNLISTED if chance < _PRIVATE + _UNLISTED else Privacy.PUBLIC


def seen_by(videos: list[Video], owner: bool) -> Iterator[Video]:
    """Yield the videos that are there for the owner, or for everybody in the list of uploads."""
    for video in videos:
        if video.gone_at is None and (owner or video.privacy is Privacy.PUBLIC):
            yield video
