"""The channel: its uploads and its counters, day by day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sandbox.world import life
from sandbox.world.chance import dice, poisson
from sandbox.world.world import World

from .audience import Audience
from .days import day_of, elapsed
from .figures import Figures, divide, total
from .videos import Kind, Video, film, name, seen_by

_LEAVING = 0.0004


class State(StrEnum):
    """The state of a channel at the platform."""

    OPEN = "open"
    CLOSED = "closed"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """The beginning of a channel; the numbers hold about so at the world's start."""

    number: int = 1
    """Tells the channels of one world apart."""
    subscribers: int = 12_400
    videos: int = 60
    age_days: int = 400
    title: str | None = None
    handle: str | None = None
    country: str | None = "US"
    hides_subscribers: bool = False


class Channel:
    """One channel, seen at the calendar's present moment; what is over stays as it was."""

    def __init__(self, world: World, config: ChannelConfig | None = None) -> None:
        self.world, self.config = world, config or ChannelConfig()
        self._key = f"channel/{world.seed}/{self.config.number}"
        rng = dice(self._key)
        self.id = f"UC{name(rng, 22)}"
        self.title = self.config.title or _numbered(world.account.full_name, " ", self.config.number)
        self.handle = self.config.handle or f"@{_numbered(world.account.username, '.', self.config.number)}"
        self.description = world.biography
        self.created_at = (world.start - timedelta(days=self.config.age_days)).replace(minute=0, second=0)
        self.hides_subscribers = self.config.hides_subscribers
        self.state = State.OPEN
        self.audience = Audience(self._key)
        self._videos: list[Video] = []
        self._filmed_until = self.created_at.date()
        self._over: list[dict[Kind | None, Figures]] = []
        self._sums: list[Figures] = []

    @property
    def now(self) -> datetime:
        """The calendar's time."""
        return self.world.now

    @property
    def uploads(self) -> str:
        """The id of the playlist of all uploads."""
        return f"UU{self.id[2:]}"

    @property
    def first_day(self) -> date:
        """The Pacific day on which the channel was made."""
        return day_of(self.created_at)

    def videos(self) -> list[Video]:
        """Return every video so far, oldest first, with those that are gone."""
        self._film()
        return [video for video in self._videos if video.published_at <= self.now]

    def listed(self, owner: bool) -> list[Video]:
        """Return the uploads that are there, newest first."""
        return list(reversed(list(seen_by(self.videos(), owner))))

    def video(self, identity: str) -> Video | None:
        """Return a video that is there, whoever may see it."""
        return next((video for video in self.videos() if video.id == identity and video.gone_at is None), None)

    def remove(self, identity: str) -> None:
        """Take a video away at once; KeyError if it is not there."""
        found = self.video(identity)
        if found is None:
            raise KeyError(identity)
        found.gone_at = self.now

    def on(self, day: date) -> Figures:
        """Return what ``day`` brought so far, with what belongs to no video."""
        return total(self.by_kind(day).values())

    def by_kind(self, day: date) -> dict[Kind | None, Figures]:
        """Return what ``day`` brought so far by the kind of video; None is the channel's own page."""
        self._live()
        index = (day - self.first_day).days
        if 0 <= index < len(self._over):
            return self._over[index]
        return self._lived(day) if day == day_of(self.now) else {}

    def divided(self, day: date, dimension: str) -> dict[str, Figures]:
        """Return a day divided by ``dimension``; the parts sum to the day, without the channel's own page."""
        phase = self.phase(day, dimension)
        parts: dict[str, Figures] = {}
        for kind, figures in self.by_kind(day).items():
            if kind is not None:
                for part, share in divide(figures, self.audience.weights(dimension, kind), phase).items():
                    parts[part] = parts.get(part, Figures()) + share
        return parts

    def phase(self, day: date, dimension: str) -> float:
        """Return what decides which part of ``dimension`` gets the views of ``day`` that cannot be divided."""
        return dice(self._key, dimension, day).random()

    def lifetime(self) -> Figures:
        """Return everything up to now."""
        self._live()
        return self._sum + self.on(day_of(self.now))

    @property
    def subscribers(self) -> int:
        """The exact number now."""
        done = self.lifetime()
        return done.gained - done.lost

    @property
    def _sum(self) -> Figures:
        """Everything up to the newest day that is over."""
        return self._sums[-1] if self._sums else Figures()

    def _film(self) -> None:
        chance = self.config.videos / max(self.config.age_days, 1)
        while self._filmed_until <= self.now.date():
            day, rng = self._filmed_until, dice(self._key, "video", self._filmed_until)
            at = datetime.combine(day, time(), UTC) + life.awake_moment(rng, self.world.seed)
            if rng.random() < chance and at > self.created_at:
                self._videos.append(film(rng, at, self._grown(day)))
            self._filmed_until += timedelta(days=1)

    def _grown(self, day: date) -> int:
        """Return about how many subscribers there are on ``day``."""
        share = (day - self.created_at.date()).days / max(self.config.age_days, 1)
        return round(self.config.subscribers * share)

    def _live(self) -> None:
        """Remember every day that is over."""
        self._film()
        while (day := self.first_day + timedelta(days=len(self._over))) < day_of(self.now):
            lived = self._lived(day)
            self._sums.append(self._sum + total(lived.values()))
            self._over.append(lived)

    def _lived(self, day: date) -> dict[Kind | None, Figures]:
        lived: dict[Kind | None, Figures] = {None: self._own_page(day).part(elapsed(day, self.now))}
        for kind in Kind:
            lived[kind] = total(video.on(day, self.now) for video in self._videos if video.kind is kind)
        return lived

    def _own_page(self, day: date) -> Figures:
        """Return who came and left on the channel's own page; the first days have no one to lose."""
        members = self._sum.gained - self._sum.lost
        rng = dice(self._key, "page", day)
        gained = poisson(rng, self.config.subscribers / max(self.config.age_days, 1) * 0.8)
        return Figures(gained=gained, lost=min(poisson(rng, members * _LEAVING), members // 4))


def _numbered(text: str, joint: str, number: int) -> str:
    return text if number == 1 else f"{text}{joint}{number}"
