"""Engagement rates by named formulas; numerator and denominator are kept, never a ratio alone. Pure.

The formulas are those of docs/metrics.md. The number that the platform's own pages call "views" is `plays` here; its
`views` field is a smaller, stricter count, and people do not compare it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from shared.domain.social import MediaKind
from shared.messages import Message

FEW = 5
_PLAYED = frozenset({MediaKind.VIDEO, MediaKind.REEL, MediaKind.SHORT})
# A count that comes days after likes and comments would make the rate of a young video far too high.
_RATED_FROM = timedelta(days=14)


class Formula(StrEnum):
    """The formula of a rate; the order is the order of preference."""

    REACH = "er_reach"
    VIEWS = "er_views"
    FOLLOWERS_AT_POST = "er_followers_at_post"


FORMULAS: Mapping[Formula, str] = {
    Formula.REACH: Message("(likes + comments + saves and shares where known) / reach × 100"),
    Formula.VIEWS: Message(
        "(likes + comments + shares where known) / plays or engaged views × 100, videos, reels and Shorts"
    ),
    Formula.FOLLOWERS_AT_POST: Message("(likes + comments + saves where known) / followers when it was posted × 100"),
}
"""Each formula as people read it, on pages, in the JSON interface and in exports."""


class ViewCount(StrEnum):
    """A platform's count of how often a video or reel was started, watched or seen."""

    PLAYS = "plays"
    VIEWS = "views"
    ENGAGED_VIEWS = "engaged_views"


@dataclass(frozen=True, slots=True)
class Figures:
    """The newest known counts of one medium; None is "not known", never zero."""

    kind: MediaKind
    likes: int | None = None
    comments: int | None = None
    saves: int | None = None
    shares: int | None = None
    plays: int | None = None
    reach: int | None = None
    followers_at_post: int | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """One medium's engagement; the denominator is at least 1."""

    formula: Formula
    numerator: int
    denominator: int

    @property
    def rate(self) -> float:
        """Interactions per hundred."""
        return 100 * self.numerator / self.denominator


@dataclass(frozen=True, slots=True)
class Summary:
    """Rates of several media, per hundred: the median of their rates, and the pooled mean (sum over sum) beside it."""

    n: int
    median: float
    pooled: float
    formulas: tuple[Formula, ...]

    @property
    def few(self) -> bool:
        """Whether too few media went in for a reliable figure (shown grey)."""
        return self.n < FEW

    @property
    def mixed(self) -> bool:
        """Whether the rates come from more than one formula, so that they do not compare with each other."""
        return len(self.formulas) > 1


def may_rate(by: ViewCount, posted_at: datetime | None, seen_at: datetime) -> bool:
    """Whether a medium is old enough for a rate by this count; engaged views come up to three days late."""
    return by is not ViewCount.ENGAGED_VIEWS or posted_at is None or seen_at - posted_at >= _RATED_FROM


def choose(figures: Figures) -> Engagement | None:
    """Return the engagement by the first formula whose every input is known and whose denominator is not zero.

    `er_reach`: (likes + comments + saves and shares where known) / reach.
    `er_views`: (likes + comments + shares where known) / plays or engaged views, for videos, reels and Shorts only.
    `er_followers_at_post`: (likes + comments + saves where known) / followers at the time of the post.
    None when likes or comments are not known, or no denominator is.
    """
    if figures.likes is None or figures.comments is None:
        return None
    public, saves, shares = figures.likes + figures.comments, figures.saves or 0, figures.shares or 0
    if figures.reach:
        return Engagement(Formula.REACH, public + saves + shares, figures.reach)
    if figures.plays and figures.kind in _PLAYED:
        return Engagement(Formula.VIEWS, public + shares, figures.plays)
    if figures.followers_at_post:
        return Engagement(Formula.FOLLOWERS_AT_POST, public + saves, figures.followers_at_post)
    return None


def summarise(engagements: Iterable[Engagement]) -> Summary | None:
    """Return the summary of all of them, None when there are none; group by formula first where rates are compared."""
    every = list(engagements)
    if not every:
        return None
    pooled = 100 * sum(one.numerator for one in every) / sum(one.denominator for one in every)
    used = {one.formula for one in every}
    return Summary(len(every), median(one.rate for one in every), pooled, tuple(f for f in Formula if f in used))


def by_formula(engagements: Iterable[Engagement]) -> dict[Formula, Summary]:
    """Return a summary for each formula that was used, in the order of preference."""
    every = list(engagements)
    made = {formula: summarise(one for one in every if one.formula is formula) for formula in Formula}
    return {formula: summary for formula, summary in made.items() if summary is not None}


def label(*, saves_known: bool, shares_known: bool) -> str:
    """Return the name of the numerator; without saves and shares it counts public interactions only."""
    return Message("interactions") if saves_known or shares_known else Message("public interactions")
