"""Refusals and slowness in the middle of a reading, and sessions that end."""

from tests.reliability.rows import Row

_NOTHING = "Nothing: the sync comes to its end."
_TWO_PAGES = 2


def _json(kind: str, **more: object) -> dict[str, object]:
    """A fault of the lists' own calls, after the profile and the first page were answered."""
    return {"kind": kind, "where": "json", "after": _TWO_PAGES, **more}


ROWS = (
    Row(
        "throttled-429",
        "It answers 429, “Please wait a few minutes”, in the middle of a list.",
        "Stops at once; the whole profile cools down for hours, the pages read are kept, and the walk continues"
        " at its cursor afterwards.",
        "That Instagram asks to wait, and how long the cool-down lasts.",
        (_json("please_wait", status=429, times=50),),
        ends="WAITING",
        code="rate_limited",
        alert="rate_limited",
        verdict=None,
    ),
    Row(
        "throttled-401",
        "It answers 401 with the same sentence, although the session lives.",
        "Asks one page that tells a dead session from a throttled one, then cools down; the connection is kept.",
        "That Instagram asks to wait, and how long the cool-down lasts.",
        (_json("please_wait", status=401, times=50),),
        ends="WAITING",
        code="rate_limited",
        alert="rate_limited",
        verdict=None,
    ),
    Row(
        "throttled-400",
        "It answers 400 with the same sentence.",
        "Takes it for a throttle all the same and cools down.",
        "That Instagram asks to wait, and how long the cool-down lasts.",
        (_json("please_wait", status=400, times=50),),
        ends="WAITING",
        code="rate_limited",
        alert="rate_limited",
        verdict=None,
    ),
    Row(
        "fault-once",
        "It fails with 500 in the middle of a list, once.",
        "Waits a little and continues at the same cursor.",
        _NOTHING,
        (_json("http_500", times=1),),
    ),
    Row(
        "fault-for-long",
        "It answers nothing but 500.",
        "Tries a few times, ever more slowly, then gives this sync up; nothing of what was known changes.",
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
    *(
        Row(
            f"logged-out-{variant.replace('_', '-')}",
            f"It has ended the session and says so by {how}.",
            "Tells it from a throttle and from an empty list; nothing is published, and the connection is expired.",
            "That Instagram has ended the session, in a banner with one button to connect again.",
            (_json("logged_out", variant=variant),),
            ends="FAILED",
            code=code,
            alert="session_dead",
            profile="NEEDS_LOGIN",
            verdict=None,
        )
        for variant, how, code in (
            ("require_login", "401 and the sentence of a throttle", "session_dead"),
            ("login_required", "403", "session_dead"),
            ("redirect", "leading to its login page", "session_dead"),
            ("html", "a page of HTML under 200", "session_dead"),
            ("user_agent", "blaming the browser", "user_agent_mismatch"),
        )
    ),
    Row(
        "feedback",
        "It has limited the account because of unusual activity (400).",
        "Stops for the longest of the cool-downs.",
        "That Instagram has limited the account for a while, and what to look for in the app.",
        (_json("feedback", times=50),),
        ends="FAILED",
        code="feedback_required",
        alert="challenge",
        profile="CHALLENGED",
        verdict=None,
    ),
    Row(
        "feedback-under-200",
        "It says the same under 200.",
        "Reads the body, not the status.",
        "That Instagram has limited the account for a while, and what to look for in the app.",
        (_json("feedback", variant="ok", times=50),),
        ends="FAILED",
        code="feedback_required",
        alert="challenge",
        profile="CHALLENGED",
        verdict=None,
    ),
    Row(
        "suspicion-in-a-reading",
        "It warns of automated behaviour in the middle of a sync.",
        "Never dismisses the warning; the cool-down lasts for days.",
        "What the warning means, and that it is theirs to decide.",
        (_json("suspicion", times=50),),
        ends="FAILED",
        code="suspected_automation",
        alert="suspected",
        profile="RESTING",
        verdict=None,
    ),
    Row(
        "consent-in-a-reading",
        "It asks to agree to new terms in the middle of a sync.",
        "Agrees to nothing in the person's name.",
        "That Instagram wants their consent first.",
        (_json("consent", times=50),),
        ends="FAILED",
        code="consent_required",
        alert="challenge",
        profile="CHALLENGED",
        verdict=None,
    ),
    *(
        Row(
            f"who-am-i-{variant.replace('_', '-')}",
            f"It does not say who is logged in: {how}.",
            "Asks in another way.",
            _NOTHING,
            ({"kind": "who_am_i", "where": "json", "variant": variant, "times": 3},),
            most_requests=40,
        )
        for variant, how in (
            ("id_html", "a page of HTML instead of the profile"),
            ("id_gone", "404 for the profile's id"),
            ("form_loop", "a form that leads to itself"),
        )
    ),
)
