"""The cards of the start page, by platform: counters, engagement, and the changes since the day before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.db.pools import WebConnection
from shared.domain import zones
from shared.domain.days import day_of, day_start
from shared.domain.follower_totals import Counted, Total, total
from shared.domain.growth import growth
from shared.domain.periods import DEFAULT, Period, period
from shared.platforms import PLATFORMS, label_of
from shared.store.profiles import overview
from shared.store.profiles.counted_days import followers_before
from shared.store.profiles.profiles import ProfileRow
from web.profile import figures
from web.profile.figures import EngagementFigure
from web.text.numbers import plain_day
from web.text.platforms import has_names, may_rate
from web.translation import _

_DAY = timedelta(days=1)
_ORDER = {name: place for place, name in enumerate(PLATFORMS)}


@dataclass(frozen=True, slots=True)
class Change:
    """The change since the day before the newest sync, which `since` names.

    `gained` and `lost` are people of complete lists, `lost` None where no complete list shows it. `net` is the
    difference of the counter, where the platform names no followers.
    """

    since: str
    gained: int | None = None
    lost: int | None = None
    net: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A profile with its rate of the last 28 days; `change` is None where no sync shows any."""

    profile: ProfileRow
    engagement: EngagementFigure
    change: Change | None


@dataclass(frozen=True, slots=True)
class Group:
    """The profiles of one platform, and their followers together."""

    platform: str
    label: str
    cards: Sequence[Card]
    total: Total


def groups(conn: WebConnection, mine: Iterable[ProfileRow]) -> list[Group]:
    """The cards of these profiles, by platform in the order in which pages offer them."""
    by_platform: dict[str, list[ProfileRow]] = {}
    for profile in mine:
        by_platform.setdefault(profile.platform, []).append(profile)
    ordered = sorted(by_platform.items(), key=lambda one: _ORDER.get(one[0], len(_ORDER)))
    return [
        Group(name, label_of(name), [_card(conn, one) for one in profiles], total_of(profiles))
        for name, profiles in ordered
    ]


def total_of(mine: Iterable[ProfileRow]) -> Total:
    """The followers of these profiles together, where a sum means something and is allowed."""
    return total(Counted(one.platform, one.followers, may_rate(one.platform)) for one in mine)


def versions(mine: Iterable[ProfileRow]) -> str:
    """What a page was made from; `home.js` makes the same of the JSON interface's list, to see whether it changed."""
    return " ".join(f"{one.id}:{one.version}:{one.state}" for one in mine)


def _card(conn: WebConnection, profile: ProfileRow) -> Card:
    days = period(DEFAULT, profile.observed_at, zones.zone(profile.timezone))
    return Card(profile, figures.engagement(conn, profile, days), _change(conn, profile))


def _change(conn: WebConnection, profile: ProfileRow) -> Change | None:
    if profile.observed_at is None:
        return None
    zone = zones.zone(profile.timezone)
    last = day_of(profile.observed_at, zone)
    since = _("yesterday") if day_of(datetime.now(UTC), zone) == last else plain_day(last - _DAY)
    if has_names(profile.platform):
        return _people(conn, profile, Period("7", zone, last - _DAY, last, profile.observed_at), since)
    before = followers_before(conn, profile.id, day_start(last, zone))
    if before is None or profile.followers is None:
        return None
    return Change(since, net=profile.followers - before)


def _people(conn: WebConnection, profile: ProfileRow, days: Period, since: str) -> Change | None:
    judged = growth(overview.history(conn, profile.id, days), days)
    if judged.gained.missing:
        return None
    changed = overview.changes(conn, profile.id, days)
    return Change(since, changed.gained, None if judged.lost.missing else changed.lost)
