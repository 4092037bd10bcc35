"""Combines the figures of one profile over one period for the overview page and the JSON interface."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from shared.db.pools import WebConnection
from shared.domain import zones
from shared.domain.days import day_of
from shared.domain.engagement import FORMULAS, Formula, Summary, label
from shared.domain.growth import Figure, Growth, History, Missing, followers, growth, nothing_before, share_covered
from shared.domain.periods import Period, Step, step
from shared.store.profiles import overview
from shared.store.profiles.overview import Came, Changes, Counter, ListVerdict, Point
from shared.store.profiles.profiles import ProfileRow
from web.text.platforms import may_rate
from web.translation import translate


@dataclass(frozen=True, slots=True)
class EngagementFigure:
    """The profile's rate by the formula that covers most of its posts; `others` are the rest, never mixed with it."""

    formula: Formula | None
    now: Summary | None
    before: Summary | None
    missing: Missing | None
    before_missing: Missing | None
    others: tuple[tuple[Formula, Summary], ...]
    label: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the overview. `step` is the resolution of `points`; `since` the first day with a reading.

    `back`: the number of people lost in the period who follow again. `counter` names the source of the follower counts.
    `came`: where data downloads count, the present followers by the day they came, over all time, in steps of
    `came_step`. `covered`: the share of the days to compare with that Rollcall has a history of.
    """

    followers: Figure
    growth: Growth
    engagement: EngagementFigure
    points: list[Point]
    step: Step
    verdicts: list[ListVerdict]
    history: History
    since: date | None
    back: int
    counter: Counter
    came: list[Came]
    came_step: Step
    covered: float | None


def formulas() -> dict[Formula, str]:
    """Each formula in words."""
    return {formula: translate(words) for formula, words in FORMULAS.items()}


def load(conn: WebConnection, profile: ProfileRow, period: Period) -> Figures:
    """Reads and judges the figures; an unknown one is None with its reason."""
    at_start = overview.followers_at(conn, profile.id, period.last_moment_before)
    at_end = (
        profile.followers if period.end == profile.observed_at else overview.followers_at(conn, profile.id, period.end)
    )
    changed = overview.changes(conn, profile.id, period)
    history = _counted(conn, profile, period, changed)
    since = overview.first_day(conn, profile.id)
    first = period.first_day if since is None or period.first_day is None else max(since, period.first_day)
    steps = step(first or since, period.last_day)
    counter = overview.counted_by(conn, profile.id, period)
    came_step = step(_first_came(conn, profile, counter), period.last_day)
    return Figures(
        followers(at_end, at_start, period),
        growth(history, period),
        engagement(conn, profile, period),
        overview.points(conn, profile.id, period, steps),
        steps,
        overview.list_verdicts(conn, profile.id),
        history,
        since,
        changed.back,
        counter,
        [] if counter is Counter.PLATFORM else overview.came(conn, profile.id, period.zone, came_step),
        came_step,
        share_covered(history, period),
    )


def engagement(conn: WebConnection, profile: ProfileRow, period: Period) -> EngagementFigure:
    """Reads and judges the profile's rate in the period."""
    return _engagement(overview.engagement(conn, profile.id, period), period, may_rate=may_rate(profile.platform))


def _first_came(conn: WebConnection, profile: ProfileRow, counter: Counter) -> date | None:
    first = None if counter is Counter.PLATFORM else overview.first_came(conn, profile.id)
    return None if first is None else day_of(first, zones.zone(profile.timezone))


def _counted(conn: WebConnection, profile: ProfileRow, period: Period, now: Changes) -> History:
    """The readings with their lists' counts, in the period and in the one before."""
    found, before = overview.history(conn, profile.id, period), period.before()
    earlier = Changes(0, 0, 0) if before is None else overview.changes(conn, profile.id, before)
    return replace(
        found,
        now=replace(found.now, gained=now.gained, lost=now.lost),
        before=replace(found.before, gained=earlier.gained, lost=earlier.lost),
    )


def _engagement(found: overview.EngagementOf, period: Period, *, may_rate: bool) -> EngagementFigure:
    """The formula with the most posts; the period before is compared by the same one."""
    order = list(Formula)
    formula = max(found.now, key=lambda one: (found.now[one].n, -order.index(one)), default=None)
    before = None if formula is None else found.before.get(formula)
    none_before = nothing_before(period) or Missing.NO_POSTS_BEFORE
    nothing = Missing.NO_POSTS if may_rate else Missing.RATES_FORBIDDEN
    return EngagementFigure(
        formula,
        None if formula is None else found.now[formula],
        before,
        nothing if formula is None else None,
        none_before if before is None else None,
        tuple((other, summary) for other, summary in found.now.items() if other is not formula),
        translate(label(saves_known=found.saves_known, shares_known=found.shares_known)),
    )
