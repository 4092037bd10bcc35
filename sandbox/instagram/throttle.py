"""How the site asks to be left alone for a while: "please wait", and "feedback required"."""

from datetime import UTC, datetime

from .answers import PLEASE_WAIT, fail, refuse
from .faults import FaultKind, Where
from .site import site

_UNDER_200 = "ok"


def count() -> None:
    """Count a request in the minute in which it came, by the machine's clock; the calendar stands still meanwhile."""
    site().by_minute[f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"] += 1


def check_throttle(where: Where) -> None:
    """Refuse when a fault says so.

    ``please_wait`` whose variant is a number sends it as ``Retry-After``; ``feedback`` with the variant ``ok`` comes
    under HTTP 200.
    """
    waits = site().faults.take(FaultKind.PLEASE_WAIT, where)
    if waits:
        answer = fail(waits.status, PLEASE_WAIT)
        if waits.variant.isdecimal():
            answer.headers["Retry-After"] = waits.variant
        refuse(answer)
    limited = site().faults.take(FaultKind.FEEDBACK, where)
    if limited:
        status = 200 if limited.variant == _UNDER_200 else 400
        refuse(fail(status, "feedback_required", spam=True))
