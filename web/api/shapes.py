"""The shapes of the JSON interface: what each thing looks like in every answer that has it."""

from __future__ import annotations

from typing import Any

from shared.store.profiles.profiles import ProfileRow
from web.text.values import iso
from web.translation import translate


def profile_json(profile: ProfileRow) -> dict[str, Any]:
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
    }
