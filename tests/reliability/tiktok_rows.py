"""Faults of TikTok's interfaces, which an account's sync of everything meets."""

from typing import Any

from shared.domain.jobs import JobKind
from tests.reliability.rows import Row

_NOTHING = "Nothing: the sync comes to its end."
_CONNECT = "That TikTok no longer accepts the access, in a banner with one button to connect again."
_OVER = {
    "ends": "FAILED",
    "code": "access_revoked",
    "alert": "session_dead",
    "profile": "NEEDS_LOGIN",
    "verdict": None,
}


def _row(
    key: str, does: str, answers: str, reads: str, *orders: dict[str, Any], verdict: str | None = "whole", **more: Any
) -> Row:
    return Row(
        f"tiktok-{key}",
        does,
        answers,
        reads,
        orders,
        work=JobKind.SYNC,
        verdict=verdict,
        most_requests=60,
        **more,
    )


def _fault(kind: str, where: str = "any", times: int = 1, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "where": where, "times": times, **more}


ROWS = (
    _row(
        "token-expired",
        "It no longer takes the access token.",
        "Exchanges the refresh token once, stores the new one, and continues.",
        _NOTHING,
        _fault("expired"),
    ),
    _row(
        "token-over",
        "It takes neither the access token nor the refresh token.",
        "Stops; the connection is marked as expired, and the history stays.",
        _CONNECT,
        _fault("expired", variant="refresh"),
        **_OVER,
    ),
    _row(
        "token-lost",
        "It exchanges the refresh token, and the answer is lost, as by a kill before its commit.",
        "Tries again with the old one, which is dead; this connection alone is marked as expired.",
        _CONNECT,
        _fault("expired"),
        _fault("lost_after_rotation", "token"),
        **_OVER,
    ),
    _row(
        "revoked",
        "Its owner has removed the app.",
        "Stops; the connection is marked as expired, and the history stays.",
        _CONNECT,
        _fault("revoked"),
        **_OVER,
    ),
    _row(
        "scope-withdrawn",
        "Its owner has withdrawn the permission for the counters alone.",
        "Reads everything else; the counters stay as they were last known.",
        "On the settings which permission is missing.",
        _fault("scope_withdrawn", variant="user.info.stats"),
    ),
    _row(
        "quota-spent",
        "The app has made all the calls of this minute.",
        "Waits for a minute; the profile does not cool down.",
        "That TikTok asks for fewer calls, at the job.",
        _fault("quota_spent"),
        ends="WAITING",
        code="throttled",
        verdict=None,
    ),
    _row(
        "refused",
        "It refuses a call as wrong.",
        "Publishes nothing of it and keeps the connection.",
        "That TikTok's answer was not understood, at the job.",
        _fault("refused", "videos", 50, variant="invalid_params"),
        ends="FAILED",
        code="unexpected_answer",
        verdict=None,
    ),
    _row(
        "fault-once",
        "It answers 503, once.",
        "Waits a little and tries again.",
        _NOTHING,
        _fault("server_error", "videos"),
    ),
    _row(
        "fault-for-long",
        "It answers nothing but 503.",
        "Tries a few times, ever more slowly, then gives this sync up; nothing of what was known changes.",
        "That TikTok had an internal error, at the job.",
        _fault("server_error", "videos", 50),
        ends="FAILED",
        code="site_failed",
        verdict=None,
    ),
    _row(
        "slow",
        "Each answer takes a second and a half longer.",
        "Waits; the lease is kept by its beat.",
        _NOTHING,
        _fault("slow", "any", 4, ms=1500),
    ),
    _row(
        "malformed",
        "It answers something that is not JSON.",
        "Publishes nothing of it.",
        "That TikTok's answer was not understood, at the job.",
        _fault("malformed", "videos", 50),
        ends="FAILED",
        code="unexpected_answer",
        verdict=None,
    ),
    _row(
        "no-envelope",
        "It leaves the envelope of success out of its answers.",
        "Reads their data all the same.",
        _NOTHING,
        _fault("no_envelope", "any", 50),
    ),
    _row(
        "counts-null",
        "It gives videos whose counters are null.",
        "Takes them for not known, never for zero; earlier counts stay.",
        _NOTHING,
        _fault("counts_missing", "videos", 20, variant="null"),
    ),
    _row(
        "counts-absent",
        "It leaves the counters of videos out.",
        "Takes them for not known, never for zero; earlier counts stay.",
        _NOTHING,
        _fault("counts_missing", "videos", 20),
    ),
    _row(
        "cursor-equal",
        "A page leads to itself.",
        "Ends the list there, and asks for each missing video by its id; none is called gone.",
        _NOTHING,
        _fault("equal_cursors", "videos"),
    ),
    _row(
        "page-empty",
        "The second page is empty and says that there is more.",
        "Ends the list there, and asks for each missing video by its id; none is called gone.",
        _NOTHING,
        _fault("empty_page", "videos", after=1),
    ),
    _row(
        "list-short",
        "A page leaves a video out.",
        "Asks for the missing video by its id before it is called gone; it is still there.",
        _NOTHING,
        _fault("short_list", "videos"),
    ),
    _row(
        "video-gone",
        "A video was deleted.",
        "Marks it as deleted once it was asked for by its id.",
        "The video with its last figures, marked as deleted.",
        _fault("video_gone"),
    ),
)
