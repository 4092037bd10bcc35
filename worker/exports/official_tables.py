"""Files of official figures: the days of every metric, and the audience by its breakdowns."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.exports import What
from worker.exports.columns import Column, Kind, Table, moment, number, text, yes_no

_SOURCE = "the way in that read it: the name of a provider, browser, data_download or legacy"
_WITHIN = """o.user_id = %(user_id)s and o.profile_id = %(profile_id)s
    and (%(first_day)s::date is null or o.last_day >= %(first_day)s)
    and (%(last_day)s::date is null or o.last_day <= %(last_day)s)"""


def _day(name: str, means: str) -> Column:
    return Column(name, Kind.DAY, "o.last_day" if name != "first_day" else "o.first_day", means, 12)


_INSIGHTS = Table(
    (
        _day("day", "a day as the platform counts its days"),
        text("metric", "o.metric", "the id of the figure, as docs/metrics.md explains it", 22),
        number("value", "o.value::float8", "the platform's own figure; a day without one has no row"),
        yes_no("provisional", "o.provisional", "whether the platform may still change it"),
        text("source", "o.source", _SOURCE),
        moment("read_at", "o.captured_at", "when it was read"),
    ),
    """(select user_id, profile_id, metric, source, day as last_day, value, provisional, captured_at
    from public.insight_days) o""",
    _WITHIN,
    "o.last_day desc, o.metric, o.source",
)
# The parts that a data download states are per hundred, and have no other figure.
_AUDIENCES = """(
    select user_id, profile_id, source, breakdown, keys, metric, first_day, last_day, value, captured_at
    from public.audience_shares
    union all
    select user_id, profile_id, 'data_download', metric, array[breakdown], 'percent', started_on::date,
        coalesce(ended_on, captured_at)::date, value, captured_at
    from public.insights where posted_at is null and breakdown is not null
) o"""
_AUDIENCE = Table(
    (
        text("breakdown", "o.breakdown", "by what the audience is divided, such as country", 22),
        text("part", "o.keys[1]", "the part, as the platform names it", 22),
        text("second_part", "o.keys[2]", "the second value, where a breakdown has two, such as age and gender", 18),
        text("metric", "o.metric", "the id of the figure; percent: per hundred, of a data download", 18),
        number("value", "o.value::float8", "the platform's own figure"),
        _day("first_day", "the first day that it is for; empty where the platform does not say"),
        _day("last_day", "the last day that it is for; of a data download without one, the day of the file"),
        text("source", "o.source", _SOURCE),
        moment("read_at", "o.captured_at", "when it was read, or when the data download was made"),
    ),
    _AUDIENCES,
    _WITHIN,
    "o.last_day desc, o.source, o.breakdown, o.metric, o.value desc, o.keys",
)

OFFICIAL: Mapping[What, Table] = {What.INSIGHTS: _INSIGHTS, What.AUDIENCE: _AUDIENCE}
