"""The shapes of the JSON interface: what each thing looks like in every answer that has it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.domain.engagement import FORMULAS, Formula
from shared.store.media.newest import NewPost
from shared.store.profiles.connection_rows import ConnectionRow
from shared.store.profiles.profiles import ProfileRow
from web.text.values import iso
from web.translation import translate


def profile_json(profile: ProfileRow) -> dict[str, Any]:
    """A profile with its counters; `version` is raised by whatever brings new data."""
    return {
        "id": str(profile.id),
        "platform": profile.platform,
        "username": profile.username,
        "display_name": profile.display_name,
        "state": profile.state,
        "state_reason": profile.state_reason and translate(profile.state_reason),
        "timezone": profile.timezone,
        "followers": profile.followers,
        "following": profile.following,
        "media": profile.media_count,
        "classes": {
            "mutual": profile.mutual_count,
            "fans": profile.fan_count,
            "not_following_back": profile.not_following_back_count,
        },
        "observed_at": iso(profile.observed_at),
        "version": profile.version,
    }


def connection_json(row: ConnectionRow, profile: ProfileRow, last_synced: datetime | None) -> dict[str, Any]:
    """A connection with its account's name and the profile's counters."""
    return {
        "id": str(row.id),
        "profile_id": str(row.profile_id),
        "platform": row.platform,
        "method": row.method,
        "handle": row.username,
        "state": row.state,
        "followers": profile.followers,
        "posts": profile.media_count,
        "last_synced": iso(last_synced),
        "expires_at": iso(row.expires_at),
    }


def post_json(post: NewPost) -> dict[str, Any]:
    """A post with its newest counts and its rate, numerator and denominator apart."""
    return {
        "id": post.platform_id,
        "profile_id": str(post.profile_id),
        "platform": post.platform,
        "handle": post.username,
        "kind": post.kind,
        "permalink": post.permalink,
        "caption": post.caption,
        "posted_at": iso(post.posted_at),
        "likes": post.likes,
        "comments": post.comments,
        "plays": post.plays,
        "views": post.views,
        "saves": post.saves,
        "shares": post.shares,
        "reach": post.reach,
        "engagement": _engagement(post),
        "read_at": iso(post.metrics_at),
    }


def number(value: Decimal | None) -> int | float | None:
    """An official figure as a number of JSON."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _engagement(post: NewPost) -> dict[str, Any] | None:
    """The rate per hundred; None where a part of it is not known, or the platform's rules forbid it."""
    if post.er_formula is None or post.rate is None:
        return None
    return {
        "formula_id": post.er_formula,
        "formula": FORMULAS[Formula(post.er_formula)],
        "rate": round(post.rate, 4),
        "numerator": post.er_numerator,
        "denominator": post.er_denominator,
    }
