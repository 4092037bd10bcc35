"""The control routes under ``/_sandbox``: the calendar, the phone, trouble, steering, and the truth."""

import re
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta

from flask import Blueprint, Response, request

from sandbox.world.truth import counts, person_row, truth

from .answers import Json, refuse, reply
from .dialogs import DIALOGS, SUSPICIONS
from .faults import Fault, FaultKind, Where
from .login.account import Account
from .login.checkpoints import Said, Variant
from .login.logged_out import LoggedOut
from .profile import WhoAmI
from .site import site

blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")

_USERNAME = re.compile(r"[a-z0-9._]{1,30}")
_MAX_DAYS = 3660
_STEERING = ("follow", "leave", "rename", "again")
_OF_LOGIN = (FaultKind.CHECKPOINT, FaultKind.SUSPENDED, FaultKind.SUSPICION, FaultKind.CONSENT)
_VARIANTS: dict[FaultKind, Collection[str]] = {
    FaultKind.DIALOG: DIALOGS,
    FaultKind.SUSPICION: SUSPICIONS,
    FaultKind.CHECKPOINT: list(Variant),
    FaultKind.LOGGED_OUT: list(LoggedOut),
    FaultKind.WHO_AM_I: list(WhoAmI),
}
_LINGER_MS, _SLOW_MS = 3000, 1000


@blueprint.get("/now")
def now() -> Response:
    """Return the calendar's time."""
    return reply({"now": site().calendar_iso()})


@blueprint.post("/advance")
def advance() -> Response:
    """Move the calendar by whole ``days`` and ``hours`` and live them."""
    hours = _number("days") * 24 + _number("hours")
    if not 0 < hours <= _MAX_DAYS * 24:
        refuse(reply({"error": 'give {"days": n} or {"hours": n}, at least one hour and at most ten years'}, 400))
    site().world.advance(timedelta(hours=hours))
    return now()


@blueprint.get("/phone/<username>")
def phone(username: str) -> Response:
    """Return what the person's phone shows: messages, newest last, and the authenticator's present code."""
    account = _account_named(username)
    return reply({"messages": [asdict(message) for message in account.messages], "totp": account.current_totp()})


@blueprint.post("/phone/<username>/approve")
def approve(username: str) -> Response:
    """Confirm the newest login that waits for it: "this was me"."""
    return _said(username, Said.YES)


@blueprint.post("/phone/<username>/deny")
def deny(username: str) -> Response:
    """Refuse the newest login that waits to be confirmed: "this wasn't me"."""
    return _said(username, Said.NO)


@blueprint.get("/truth/<username>")
def true_state(username: str) -> Response:
    """Return the true lists, the media and the net change since ``since``; ``counts_only=1`` leaves the rows out."""
    _account_named(username)
    world, since = site().world, _moment("since")
    figures: Json = {"now": site().calendar_iso(), "counts": counts(world, since)}
    return reply(figures if request.args.get("counts_only") == "1" else {**figures, **truth(world, since)})


@blueprint.get("/faults")
def coming_faults() -> Response:
    """Return the faults that are still to come."""
    return reply({"faults": list(site().faults.coming())})


@blueprint.post("/faults")
def add_fault() -> Response:
    """Let something go wrong; an unknown kind or place is answered with those there are."""
    fault = _fault()
    if fault.kind is FaultKind.SESSION_DEAD:
        return reply({"sessions_ended": site().sessions.drop_all()})
    if fault.kind is FaultKind.CLEAR:
        site().faults.clear()
        site().checkpoints.forget()
    else:
        site().faults.add(fault)
    return coming_faults()


@blueprint.post("/people")
def steer() -> Response:
    """Let people follow, leave, be renamed or follow ``again`` at once; takes a second.

    ``full_name`` is that of those who come.
    """
    names, full_name = _body().get("follow_usernames", []), _body().get("full_name")
    if not isinstance(names, list) or not all(isinstance(name, str) and _USERNAME.fullmatch(name) for name in names):
        refuse(reply({"error": "follow_usernames is a list of usernames"}, 400))
    follow, leave, rename, again = (_number(key) for key in _STEERING)
    try:
        came = site().world.steer(follow, leave, rename, names, again)
    except ValueError as error:
        refuse(reply({"error": str(error)}, 400))
    for person in came:
        person.full_name = full_name if isinstance(full_name, str) else person.full_name
    return reply({"now": site().calendar_iso(), "came": [person_row(person) for person in came]})


@blueprint.post("/media")
def steer_media() -> Response:
    """Let the account ``archive`` or ``delete`` pieces, or show ``stories``; takes a second."""
    archive, delete, stories = (_number(key) for key in ("archive", "delete", "stories"))
    try:
        shown = site().world.steer_media(archive, delete, stories)
    except ValueError as error:
        refuse(reply({"error": str(error)}, 400))
    return reply({"now": site().calendar_iso(), "stories": [str(story.pk) for story in shown]})


@blueprint.get("/requests")
def requests() -> Response:
    """Return how many requests came but for these routes', by the name of what answered them and by the minute."""
    counted = site().requests
    return reply({"total": counted.total(), "by_kind": dict(counted), "by_minute": dict(site().by_minute)})


def _body() -> dict[str, object]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        refuse(reply({"error": "send a JSON object"}, 400))
    return body


def _number(key: str, default: int = 0) -> int:
    value = _body().get(key, default)
    if not isinstance(value, int) or value < 0:
        refuse(reply({"error": f"{key} is a whole number, not below 0"}, 400))
    return value


def _fault() -> Fault:
    body = _body()
    try:
        kind = FaultKind(str(body.get("kind")))
        where = Where(str(body.get("where", _usual_place(kind, str(body.get("variant", ""))))))
    except ValueError:
        refuse(reply({"error": "no such fault", "kinds": list(FaultKind), "where": list(Where)}, 400))
    variant = str(body.get("variant", ""))
    if kind in _VARIANTS and variant not in _VARIANTS[kind]:
        refuse(reply({"error": "no such variant", "variants": list(_VARIANTS[kind])}, 400))
    ms = _number("ms", _LINGER_MS if kind is FaultKind.CHECKPOINT else _SLOW_MS)
    return Fault(kind, where, _number("times", 1), _number("status", 429), ms, variant, _number("after"))


def _said(username: str, said: Said) -> Response:
    _account_named(username)
    if not site().checkpoints.answer(said):
        refuse(reply({"error": "no login waits for an answer"}, 409))
    return reply({"said": said})


def _usual_place(kind: FaultKind, variant: str) -> Where:
    if kind in _OF_LOGIN:
        return Where.LOGIN
    asked = DIALOGS.get(variant) if kind is FaultKind.DIALOG else None
    return Where.PAGE if asked and not asked.for_strangers else Where.ANY


def _moment(key: str) -> datetime | None:
    """Return a time of the query; a plus sign that was not encoded arrives as a space."""
    text = request.args.get(key)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        refuse(reply({"error": f"{key} is an ISO time with its offset, such as 2026-03-02T09:00:00Z"}, 400))
    return moment


def _account_named(username: str) -> Account:
    account = site().account
    if username != account.username:
        refuse(reply({"error": "no one has that name here"}, 404))
    return account
