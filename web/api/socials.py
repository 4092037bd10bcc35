"""All profiles of a person at once in the JSON interface: totals by platform, the newest posts, a platform's days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.domain import zones
from shared.domain.days import day_of
from shared.domain.metrics import Level, metrics_of
from shared.platforms import PLATFORMS, label_of
from shared.store.insights import reading
from shared.store.media.newest import newest
from shared.store.profiles import profiles
from shared.store.profiles.counted_days import counted_days
from shared.store.profiles.profiles import ProfileRow
from web.api.shapes import number, post_json, profile_json
from web.auth.session import database, login_required
from web.home.cards import total_of
from web.text.values import iso
from web.translation import translate

bp = Blueprint("api_socials", __name__, url_prefix="/api/v1/analytics/socials")
_RECENT, _POSTS, _DAYS = 10, 50, 30


@bp.get("")
@login_required
def overview() -> ResponseReturnValue:
    """A total over what means the same, each platform, and the ten newest posts of all profiles."""
    with database() as conn:
        mine = profiles.list_for_web(conn)
        posts = newest(conn, _RECENT)
    found = total_of(mine)
    by_platform = groupby(sorted(mine, key=lambda one: one.platform), key=lambda one: one.platform)
    return jsonify(
        total_followers=found.value,
        total_followers_missing=translate(found.missing) or None,
        platforms=[_platform(name, list(rows)) for name, rows in by_platform],
        recent_posts=[post_json(post) for post in posts],
    )


@bp.get("/<platform>")
@login_required
def one_platform(platform: str) -> ResponseReturnValue:
    """Each profile of the platform with its 50 newest posts and the last 30 days."""
    if platform not in PLATFORMS:
        abort(404)
    with database() as conn:
        mine = [one for one in profiles.list_for_web(conn) if one.platform == platform]
        shown = [
            {
                "profile": profile_json(one),
                "posts": [post_json(post) for post in newest(conn, _POSTS, one.id)],
                "metrics": _metrics(conn, one),
            }
            for one in mine
        ]
    return jsonify(platform=platform, label=label_of(platform), profiles=shown)


def _platform(name: str, mine: list[ProfileRow]) -> dict[str, Any]:
    found = total_of(mine)
    read = [one.observed_at for one in mine if one.observed_at is not None]
    return {
        "platform": name,
        "label": label_of(name),
        "profiles": len(mine),
        "followers": found.value,
        "followers_missing": translate(found.missing) or None,
        "last_synced": iso(max(read, default=None)),
    }


def _metrics(conn: WebConnection, profile: ProfileRow) -> list[dict[str, Any]]:
    """The last thirty days, the oldest first: counters and changes, and the official figures of each day."""
    last = day_of(datetime.now(UTC), zones.zone(profile.timezone))
    first = last - timedelta(days=_DAYS - 1)
    counted = {one.day: one for one in counted_days(conn, profile.id, first, last)}
    official = _official(conn, profile, first, last)
    days = (first + timedelta(days=number) for number in range(_DAYS))
    return [
        {
            "date": day.isoformat(),
            "followers": row.followers if (row := counted.get(day)) else None,
            "following": row.following if row else None,
            "media": row.media if row else None,
            "gained": row.gained if row else None,
            "lost": row.lost if row else None,
            "insights": official.get(day, []),
        }
        for day in days
    ]


def _official(conn: WebConnection, profile: ProfileRow, first: date, last: date) -> dict[date, list[dict[str, Any]]]:
    ids = [one.id for one in metrics_of(profile.platform, Level.ACCOUNT, daily=True)]
    found: dict[date, list[dict[str, Any]]] = {}
    for row in reading.series(conn, profile.id, ids, first, last) if ids else ():
        figure = {"metric": row.metric, "source": row.source, "value": number(row.value)}
        found.setdefault(row.day, []).append({**figure, "provisional": row.provisional})
    return found
