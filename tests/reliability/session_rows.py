"""Refusals and slowness in the middle of a reading, and sessions that end."""

from tests.reliability.rows import Row

_NOTHING = "Nothing: the reading comes to its end."
_TWO_PAGES = 2


def _json(kind: str, **more: object) -> dict[str, object]:
    """A fault of the lists' own calls, after the profile and the first page were answered."""
    return {"kind": kind, "where": "json", "after": _TWO_PAGES, **more}


ROWS = (
    Row(
        "throttled-429",
        "It answers 429, “Please wait a few minutes”, in the middle of a list.",
        "Stops at once and rests the whole profile for hours; the pages that were read are kept, and the walk goes on"
        " at its cursor afterwards.",
        "That Instagram asks to wait, and until when the profile rests.",
        (_json("please_wait", status=429, times=50),),
        ends="WAITING",
        code="rate_limited",
        alert="rate_limited",
        verdict=None,
    ),
    Row(
        "throttled-401",
        "It answers 401 with the same sentence, although the session lives.",
        "Asks one page that tells a dead session from a throttled one, then rests; the connection is kept.",
        "That Instagram asks to wait, and until when the profile rests.",
        (_json("please_wait", status=401, times=50),),
        ends="WAITING",
        code="rate_limited",
        alert="rate_limited",
        verdict=None,
    ),
    Row(
        "throttled-400",
        "It answers 400 with the same sentence.",
        "Takes it for a throttle all the same and rests.",
        "That Instagram asks to wait, and until when the profile rests.",
        (_json("please_wait", status=400, times=50),),
        ends="WAITING",
        code="rate_limited",
        alert="rate_limited",
        verdict=None,
    ),
    Row(
        "fault-once",
        "It fails with 500 in the middle of a list, once.",
        "Waits a little and goes on at the same cursor.",
        _NOTHING,
        (_json("http_500", times=1),),
    ),
    Row(
        "fault-for-long",
        "It answers nothing but 500.",
        "Tries a few times, ever more slowly, then gives this reading up; nothing of what was known changes.",
        "That Instagram answered with a fault of its own, at the job.",
        (_json("http_500", times=50),),
        ends="FAILED",
        code="site_failed",
        verdict=None,
    ),
    Row(
        "slow",
        "Each answer takes a second and a half longer.",
        "Waits; the lease is kept by its beat.",
        _NOTHING,
        ({"kind": "slow", "where": "json", "ms": 1500, "times": 6},),
    ),
    Row(
        "session-dead",
        "It has ended the session.",
        "Stops; nothing is published, the connection is marked as expired.",
        "That Instagram has ended the session, in a banner with one button to connect again.",
        ({"kind": "session_dead"},),
        ends="FAILED",
        code="session_dead",
        alert="session_dead",
        profile="NEEDS_LOGIN",
        verdict=None,
    ),
    Row(
        "checkpoint",
        "It wants a confirmation in the middle of a list.",
        "Stops and leaves the question to the person; the pages that were read are kept.",
        "That Instagram asks to confirm that it is them, and where to answer.",
        (_json("checkpoint", times=50),),
        ends="FAILED",
        code="checkpoint",
        alert="challenge",
        profile="CHALLENGED",
        verdict=None,
    ),
    Row(
        "suspended",
        "It has suspended the account.",
        "Stops and does not try again.",
        "That the account is suspended, and that only Instagram's own appeal helps.",
        (_json("suspended", times=50),),
        ends="FAILED",
        code="suspended",
        alert="challenge",
        profile="CHALLENGED",
        verdict=None,
    ),
)
