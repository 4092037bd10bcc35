"""The site's short refusals: "please wait", "feedback required", a message alone, a status alone."""

from datetime import UTC, datetime

from flask import Response

from .answers import PLEASE_WAIT, fail, refuse, reply
from .faults import FaultKind, Where
from .site import site

_UNDER_200 = "ok"
_AS_ERRORS = "errors:"


def count() -> None:
    """Count a request in its minute by the machine's clock, because the calendar stands still."""
    site().by_minute[f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"] += 1


def check_throttle(where: Where) -> None:
    """Refuse when a fault says so.

    ``message`` is its variant and nothing else, under HTTP 200; a variant that begins with ``errors:`` is a list of
    GraphQL errors. ``please_wait`` whose variant is a number sends it as ``Retry-After``; ``feedback`` with the
    variant ``ok`` comes under HTTP 200.
    """
    check_bare(where)
    said = site().faults.take(FaultKind.MESSAGE, where)
    if said:
        named = said.variant.removeprefix(_AS_ERRORS)
        is_error = named != said.variant
        refuse(reply({"errors": [{"message": named}], "data": None} if is_error else {"message": named}))
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


def check_bare(where: Where) -> None:
    """Refuse with a status and nothing else when a fault says so."""
    fault = site().faults.take(FaultKind.BARE, where)
    if fault:
        refuse(Response(status=fault.status))
