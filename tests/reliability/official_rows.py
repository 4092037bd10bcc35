"""Faults of an official interface, which a channel's sync of everything meets."""

from typing import Any

from shared.domain.jobs import JobKind
from tests.reliability.rows import Row

_NOTHING = "Nothing: the sync comes to its end."
_MOST = 60


def _row(
    key: str,
    does: str,
    answers: str,
    reads: str,
    *orders: dict[str, Any],
    verdict: str | None = "whole",
    most_requests: int = _MOST,
    **more: Any,
) -> Row:
    return Row(
        f"youtube-{key}",
        does,
        answers,
        reads,
        orders,
        work=JobKind.SYNC,
        verdict=verdict,
        most_requests=most_requests,
        **more,
    )


def _fault(kind: str, where: str = "any", times: int = 1, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "where": where, "times": times, **more}


ROWS = (
    _row(
        "token-expired",
        "It no longer takes the access token.",
        "Renews it once and continues.",
        _NOTHING,
        _fault("expired"),
    ),
    _row(
        "token-rotated",
        "It gives a new refresh token, and the old one is dead.",
        "Stores the new one with the tokens.",
        _NOTHING,
        _fault("expired"),
        _fault("rotated", "token"),
    ),
    _row(
        "revoked",
        "Its owner has withdrawn the access.",
        "Stops; the connection is marked as expired, and the history stays.",
        "That YouTube no longer accepts the access, in a banner with one button to connect again.",
        _fault("revoked"),
        ends="FAILED",
        code="access_revoked",
        alert="session_dead",
        profile="NEEDS_LOGIN",
        verdict=None,
    ),
    _row(
        "scope-withdrawn",
        "Its owner has withdrawn the permission for figures alone.",
        "Reads everything else and notes for each figure since when it is missing.",
        "On the settings which permission is missing, and “n/a” at the figures.",
        _fault("scope_withdrawn", variant="yt-analytics.readonly"),
    ),
    _row(
        "quota-spent",
        "The app's quota for the day is used up.",
        "Asks no more until midnight in Pacific time; the connection stays as it is.",
        "That the quota is used up and when it begins again; nothing of connecting again.",
        _fault("quota_spent"),
        ends="WAITING",
        code="quota_spent",
        verdict=None,
    ),
    _row(
        "throttled",
        "It asks for fewer calls and says how long to wait.",
        "Waits until then; the profile does not cool down.",
        "That YouTube asks for fewer calls, at the job.",
        _fault("throttled", "data", 50, ms=3_600_000),
        ends="WAITING",
        code="throttled",
        verdict=None,
    ),
    _row(
        "fault-once",
        "It answers 503, once.",
        "Waits a little and tries again.",
        _NOTHING,
        _fault("server_error", "data"),
    ),
    _row(
        "fault-for-long",
        "It answers nothing but 503.",
        "Tries a few times, ever more slowly, then gives this sync up; nothing of what was known changes.",
        "That YouTube answered with a fault of its own, at the job.",
        _fault("server_error", "data", 50),
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
        "That YouTube's answer was not understood, at the job.",
        _fault("malformed", "data", 50),
        ends="FAILED",
        code="unexpected_answer",
        verdict=None,
    ),
    _row(
        "refused",
        "It refuses the channel to the token.",
        "Stops this sync and keeps the connection.",
        "That YouTube refuses it, at the job.",
        _fault("refused", "data", 50, variant="channelForbidden"),
        ends="FAILED",
        code="permission_missing",
        verdict=None,
    ),
    _row(
        "figures-forbidden",
        "It refuses every report.",
        "Reads everything else and notes for each figure since when it is missing.",
        "“n/a” at the figures, with the reason.",
        _fault("forbidden", "analytics", 50),
    ),
    _row(
        "interface-off",
        "The interface is not switched on for the app.",
        "Stops this sync and keeps the connection.",
        "That YouTube does not accept this installation's app, at the job.",
        _fault("not_configured", "data", 50),
        ends="FAILED",
        code="app_refused",
        verdict=None,
    ),
    _row(
        "no-channel",
        "It says that the login has no channel.",
        "Stops and does not try again; the history stays.",
        "That the channel is closed.",
        _fault("signup_required", "data", 50),
        ends="FAILED",
        code="suspended",
        alert="challenge",
        profile="CHALLENGED",
        verdict=None,
    ),
    _row(
        "channel-closed",
        "The channel is closed.",
        "Stops and does not try again; the history stays.",
        "That the channel is closed.",
        _fault("channel_closed", variant="closed"),
        ends="FAILED",
        code="suspended",
        alert="challenge",
        profile="CHALLENGED",
        verdict=None,
    ),
    _row(
        "report-empty",
        "A report has no rows.",
        "Takes it for nothing known, never for zero; earlier days stay.",
        _NOTHING,
        _fault("empty", "analytics", 50),
    ),
    _row(
        "figures-late",
        "The newest days come three days later than usual.",
        "Stores the days that are there, and asks for the others again.",
        _NOTHING,
        _fault("analytics_lag", "analytics", 50, variant="3"),
    ),
    _row(
        "metric-retired",
        "It no longer knows one metric, and refuses every report that names it.",
        "Asks for the others one by one; that metric is “n/a” since then.",
        "“n/a” at that figure, with its date.",
        _fault("metric_retired", "analytics", 500, variant="shares"),
        most_requests=120,
    ),
    _row(
        "page-forgotten",
        "It no longer knows the mark of a page.",
        "Reads the uploads from their beginning.",
        _NOTHING,
        _fault("bad_page_token", "data"),
    ),
    _row(
        "cursor-repeated",
        "It gives the same page twice.",
        "Counts its videos once and continues.",
        _NOTHING,
        _fault("repeated_cursor", "data"),
    ),
    _row(
        "list-short",
        "A page leaves a video out.",
        "Asks for the missing video by its id before it is called gone; it is still there.",
        _NOTHING,
        _fault("short_list", "data"),
    ),
    _row(
        "video-gone",
        "A video was deleted.",
        "Marks it as deleted once it was asked for by its id.",
        "The video with its last figures, marked as deleted.",
        _fault("video_gone"),
    ),
)
