"""The profile: its clips, its counters, and the truth of both."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta

from sandbox.world import life
from sandbox.world.chance import dice
from sandbox.world.world import World

from .clip import Clip, record

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class ProfileConfig:
    """The beginning of a profile; the numbers hold about so at the world's start."""

    followers: int = 8_300
    following: int = 120
    clips: int = 50
    age_days: int = 300


class ClipProfile:
    """One profile, seen at the calendar's present moment."""

    def __init__(self, world: World, config: ProfileConfig | None = None) -> None:
        self.world, self.config = world, config or ProfileConfig()
        self._key = f"clips/{world.seed}/{world.account.pk}"
        self.created_at = (world.start - timedelta(days=self.config.age_days)).replace(minute=0, second=0)
        self._clips: list[Clip] = []
        self._recorded_until = self.created_at.date()

    @property
    def now(self) -> datetime:
        """The calendar's time."""
        return self.world.now

    def clips(self) -> list[Clip]:
        """Return the clips that are there, newest first."""
        self._record()
        there = [clip for clip in self._clips if clip.created_at <= self.now and clip.gone_at is None]
        return sorted(there, key=lambda clip: clip.created_at, reverse=True)

    def clip(self, identity: str) -> Clip | None:
        """Return a clip that is there."""
        return next((clip for clip in self.clips() if str(clip.id) == identity), None)

    def remove(self, identity: str) -> None:
        """Take a clip away at once; KeyError if it is not there."""
        found = self.clip(identity)
        if found is None:
            raise KeyError(identity)
        found.gone_at = self.now

    @property
    def followers(self) -> int:
        """The number of followers now: those of the beginning, and those whom clips brought since."""
        self._record()
        start = self.world.start
        brought = sum(
            int(clip.follows * clip.share(self.now)) - int(clip.follows * clip.share(start)) for clip in self._clips
        )
        return self.config.followers + brought

    @property
    def likes(self) -> int:
        """The likes of all clips that are there."""
        return sum(clip.counts(self.now).likes for clip in self.clips())

    def truth(self) -> Json:
        """Return the counters and the clips, for a test to compare with what the product says."""
        rows = [
            {"id": str(clip.id), "created_at": int(clip.created_at.timestamp()), **asdict(clip.counts(self.now))}
            for clip in self.clips()
        ]
        counters = {"followers": self.followers, "following": self.config.following, "likes": self.likes}
        return {"now": self.now.isoformat(), "username": self.world.account.username, **counters, "clips": rows}

    def _record(self) -> None:
        chance = self.config.clips / max(self.config.age_days, 1)
        while self._recorded_until <= self.now.date():
            day, rng = self._recorded_until, dice(self._key, self._recorded_until)
            at = datetime.combine(day, time(), UTC) + life.awake_moment(rng, self.world.seed)
            if rng.random() < chance and at > self.created_at:
                self._clips.append(record(rng, at, self.config.followers))
            self._recorded_until += timedelta(days=1)
