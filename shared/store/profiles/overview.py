"""Readings, counters and engagement of a period, for the overview. For the web, in tenant transactions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import accumulate
from typing import LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import sql
from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.db.statements import statements
from shared.domain.engagement import Formula, Summary
from shared.domain.growth import History, Runs
from shared.domain.periods import Period, Step, days_within
from shared.store.followers.segments import LEFT, NEW

with statements(__file__) as named:
    _HISTORY = named("history")
    _VERDICTS = named("verdicts")

# The rows of the lists of new and of lost followers.
_CHANGES = sql.SQL("""
    select (select count(*) from public.stays s where {new}) as gained,
        (select count(*) from public.stays s where {left}) as lost,
        (select count(*) from public.stays s where {left} and s.person_id in (
            select b.person_id from public.stays b
            where b.profile_id = %(profile)s and b.direction = 'follower' and b.returned and b.until is null
        )) as back
""").format(new=sql.SQL(NEW), left=sql.SQL(LEFT))
_FOLLOWERS_AT: LiteralString = """
    select followers from public.profile_counts
    where profile_id = %s and captured_at <= %s and followers is not null order by captured_at desc limit 1
"""
_COUNTED_BY: LiteralString = """
    select coalesce(bool_or(source = 'data_download'), false) as by_files,
        coalesce(bool_or(source <> 'data_download'), false) as by_platform
    from public.profile_counts where profile_id = %(profile)s and followers is not null
        and (%(start)s::timestamptz is null or captured_at >= %(start)s) and captured_at <= %(end)s
"""
# The present followers by the step in which they came, where a data download has the day.
_CAME: LiteralString = """
    select date_trunc(%(step)s, (s.since at time zone %(zone)s))::date as day, count(*) as people
    from public.stays s
    where s.profile_id = %(profile)s and s.direction = 'follower' and s.until is null and s.since_known = 'exact'
    group by 1 order by 1
"""
_FIRST_CAME: LiteralString = """
    select min(s.since) as at from public.stays s
    where s.profile_id = %s and s.direction = 'follower' and s.until is null and s.since_known = 'exact'
"""
# The two periods may overlap, so that a post may count in both.
_ENGAGEMENT: LiteralString = """
    select m.er_formula as formula, p.is_now, count(*) as n,
        percentile_cont(0.5) within group (order by 100.0 * m.er_numerator / m.er_denominator) as median,
        100.0 * sum(m.er_numerator) / sum(m.er_denominator) as pooled,
        coalesce(bool_or(m.saves is not null), false) as saves,
        coalesce(bool_or(m.shares is not null), false) as shares
    from (values
        (true, coalesce(%(start)s::timestamptz, '-infinity'), %(end)s::timestamptz),
        (false, %(before_start)s::timestamptz, %(before_end)s::timestamptz)
    ) p (is_now, first_moment, last_moment)
    join public.media m on m.posted_at >= p.first_moment and m.posted_at <= p.last_moment
    where m.profile_id = %(profile)s and m.kind <> 'story' and m.er_denominator > 0 and m.er_numerator is not null
    group by 1, 2
"""
# The newest counter of each step, and its rows in the lists of new and of lost followers. A step in which
# no one came or left has a 0 only if a list was read in it, a whole list for losses.
_POINTS = sql.SQL("""
    with counters as (
        select date_trunc(%(step)s, day)::date as first_day,
            (array_agg(followers order by day desc) filter (where followers is not null))[1] as followers
        from public.profile_days
        where profile_id = %(profile)s and day <= %(last_day)s
            and (%(first_day)s::date is null or day >= %(first_day)s::date)
            and day >= (select min(day) from public.profile_days
                where profile_id = %(profile)s and followers is not null)
        group by 1
    ), first_whole as (
        select min(observed_end) as at from public.list_runs
        where profile_id = %(profile)s and direction = 'follower' and verdict = 'whole'
    ), moments as (
        select s.since as at, count(*) as gained, null::bigint as lost, 0 as partial
        from public.stays s where {new} group by s.since
        union all
        select s.until, null, count(*), 0 from public.stays s where {left} group by s.until
        union all
        select r.observed_end, 0, case when r.verdict = 'whole' then 0 end, (r.verdict = 'partial')::int
        from public.list_runs r, first_whole f
        where r.profile_id = %(profile)s and r.direction = 'follower' and r.verdict in ('whole', 'partial')
            and r.observed_end > f.at and r.observed_end <= %(end)s
            and (%(start)s::timestamptz is null or r.observed_end >= %(start)s)
    ), changes as (
        select date_trunc(%(step)s, (at at time zone %(zone)s))::date as first_day, sum(gained)::bigint as gained,
            sum(lost)::bigint as lost, sum(partial) as partial
        from moments group by 1
    )
    select coalesce(c.first_day, g.first_day) as day, c.followers, g.gained, g.lost, coalesce(g.partial, 0) as partial
    from counters c full join changes g on g.first_day = c.first_day order by 1
""").format(new=sql.SQL(NEW), left=sql.SQL(LEFT))
# A day with a post has a row, too, however long before the first reading.
_BEGINNING: LiteralString = """
    select min(day) as day from public.profile_days where profile_id = %s and followers is not null
"""


class Counter(StrEnum):
    """The source of a follower count."""

    PLATFORM = "platform"
    FILES = "files"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Came:
    """A step's first day, the present followers who came in it, and their number by its end."""

    day: date
    people: int
    total: int


@dataclass(frozen=True, slots=True)
class Point:
    """One step of the growth chart: its first day, the last counter in it, and the results of its readings.

    `days`: the number of its days in the period, None where all of them are.
    """

    day: date
    followers: int | None
    gained: int | None
    lost: int | None
    partial: int
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Stays that began and stays that ended in a period, and the number of lost people who are back."""

    gained: int
    lost: int
    back: int


@dataclass(frozen=True, slots=True)
class ListVerdict:
    """The newest published reading of one list; `whole_at` is the time of its last whole reading, None without one."""

    direction: str
    verdict: str
    reason: str | None
    exact: bool | None
    seen: int
    observed_end: datetime
    whole_at: datetime | None


@dataclass(frozen=True, slots=True)
class EngagementOf:
    """The summaries of a period and of the one before, by formula, and whether saves and shares are known."""

    now: dict[Formula, Summary]
    before: dict[Formula, Summary]
    saves_known: bool
    shares_known: bool


def history(conn: WebConnection, profile_id: UUID, period: Period) -> History:
    """The readings of the follower list in the period and in the one before; `changes` counts the people."""
    row = conn.execute(_HISTORY, {"profile": profile_id, **_bounds(period)}).fetchone()
    if row is None:
        raise LookupError("an aggregate returned no row")

    def runs(when: str) -> Runs:
        return Runs(row[f"{when}_read"], row[f"{when}_whole"])

    return History(row["first_whole"], row["later"], runs("now"), runs("before"), row["people_known"])


def changes(conn: WebConnection, profile_id: UUID, period: Period) -> Changes:
    """The numbers of rows in the lists of new and of lost followers in the period."""
    with conn.cursor(row_factory=class_row(Changes)) as cursor:
        found = cursor.execute(_CHANGES, {"profile": profile_id, **_bounds(period)}).fetchone()
    if found is None:
        raise LookupError("an aggregate returned no row")
    return found


def followers_at(conn: WebConnection, profile_id: UUID, moment: datetime | None) -> int | None:
    """The platform's own counter as last seen at `moment`; None before its first reading."""
    if moment is None:
        return None
    row = conn.execute(_FOLLOWERS_AT, [profile_id, moment]).fetchone()
    return None if row is None else int(row["followers"])


def counted_by(conn: WebConnection, profile_id: UUID, period: Period) -> Counter:
    """The source of the period's follower counts: the platform's own, the lengths of data downloads' lists, or both."""
    found = conn.execute(_COUNTED_BY, {"profile": profile_id, **_bounds(period)}).fetchone()
    if found is None or not found["by_files"]:
        return Counter.PLATFORM
    return Counter.BOTH if found["by_platform"] else Counter.FILES


def first_came(conn: WebConnection, profile_id: UUID) -> datetime | None:
    """The earliest known day on which a present follower came, from a data download; None without such a day."""
    found = conn.execute(_FIRST_CAME, [profile_id]).fetchone()
    return None if found is None else found["at"]


def came(conn: WebConnection, profile_id: UUID, zone: ZoneInfo, step: Step) -> list[Came]:
    """The present followers by the step in which they came, oldest first; only those dated by a data download."""
    found = conn.execute(_CAME, {"profile": profile_id, "zone": zone.key, "step": step}).fetchall()
    totals = accumulate(row["people"] for row in found)
    return [Came(row["day"], row["people"], total) for row, total in zip(found, totals, strict=True)]


def engagement(conn: WebConnection, profile_id: UUID, period: Period) -> EngagementOf:
    """Rates per hundred of the posts and reels of the period, by formula: median of the rates, and pooled mean."""
    rows = conn.execute(_ENGAGEMENT, {"profile": profile_id, **_bounds(period)}).fetchall()
    summaries: dict[bool, dict[Formula, Summary]] = {True: {}, False: {}}
    for row in rows:
        formula = Formula(row["formula"])
        summary = Summary(row["n"], float(row["median"]), float(row["pooled"]), (formula,))
        summaries[row["is_now"]][formula] = summary
    saves, shares = (any(row[name] for row in rows) for name in ("saves", "shares"))
    return EngagementOf(summaries[True], summaries[False], saves, shares)


def points(conn: WebConnection, profile_id: UUID, period: Period, step: Step) -> list[Point]:
    """The growth chart, oldest first, without steps that had no reading."""
    days = {"zone": period.zone.key, "first_day": period.first_day, "last_day": period.last_day}
    with conn.cursor(row_factory=class_row(Point)) as cursor:
        found = cursor.execute(_POINTS, {"profile": profile_id, "step": step, **days, **_bounds(period)}).fetchall()
    return [replace(one, days=days_within(one.day, step, period.first_day, period.last_day)) for one in found]


def list_verdicts(conn: WebConnection, profile_id: UUID) -> list[ListVerdict]:
    """The newest reading of the follower list and of the following list, as far as there are any."""
    with conn.cursor(row_factory=class_row(ListVerdict)) as cursor:
        return cursor.execute(_VERDICTS, {"profile": profile_id}).fetchall()


def first_day(conn: WebConnection, profile_id: UUID) -> date | None:
    """The first day with a reading; None before any."""
    row = conn.execute(_BEGINNING, [profile_id]).fetchone()
    return None if row is None else row["day"]


def _bounds(period: Period) -> dict[str, datetime | None]:
    before = period.before()
    return {
        "start": period.start,
        "end": period.end,
        "before_start": before.start if before else None,
        "before_end": before.end if before else None,
    }
