"""One clip, and the growth of its counters with its age."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sandbox.world.words import EMOJI, HASHTAGS, OPENINGS, SUBJECTS

_VIRAL = 0.05


@dataclass(frozen=True, slots=True)
class Counts:
    """The counters of a clip at one moment."""

    views: int
    likes: int
    comments: int
    shares: int


@dataclass(slots=True)
class Clip:
    """One clip and its fate: what it gets in the end, and how fast."""

    id: int
    """Nineteen digits, the time in the high bits."""
    created_at: datetime
    title: str
    duration: int
    """Seconds."""
    views: float
    likes: float
    comments: float
    shares: float
    follows: float
    half_life: timedelta
    gone_at: datetime | None = None

    def share(self, now: datetime) -> float:
        """Return the part, from 0 to 1, of what it gets in the end."""
        until = now if self.gone_at is None else min(now, self.gone_at)
        return float(1 - 0.5 ** max((until - self.created_at) / self.half_life, 0.0))

    def counts(self, now: datetime) -> Counts:
        """Return the counters, which never fall."""
        share = self.share(now)
        return Counts(
            int(self.views * share), int(self.likes * share), int(self.comments * share), int(self.shares * share)
        )


def record(rng: Random, created_at: datetime, followers: int) -> Clip:
    """Return a clip published to so many followers."""
    strength = rng.lognormvariate(0.0, 0.9) * (15.0 if rng.random() < _VIRAL else 1.0)
    views = max(followers, 50) * strength * 1.4
    tags = " ".join(rng.sample(HASHTAGS, rng.randint(0, 5)))
    return Clip(
        id=(int(created_at.timestamp()) << 32) + rng.getrandbits(32),
        created_at=created_at,
        title=f"{rng.choice(OPENINGS)} {rng.choice(SUBJECTS)} {rng.choice(EMOJI)} {tags}".strip()[:150],
        duration=rng.randint(6, 180),
        views=views,
        likes=views * rng.uniform(0.03, 0.15),
        comments=views * rng.uniform(0.001, 0.01),
        shares=views * rng.uniform(0.001, 0.02),
        follows=views * rng.uniform(0.0002, 0.003),
        half_life=timedelta(hours=rng.uniform(8, 90)),
    )
