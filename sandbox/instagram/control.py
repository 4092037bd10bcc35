"""Instagram's own control routes under ``/_sandbox``: the phone, steering, and the truth."""

import re
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from flask import Response, request

from sandbox.control import Json, Menu, answer, blueprint_of, body, number, refuse
from sandbox.world.truth import counts, person_row, truth

from .dialogs import DIALOGS, SUSPICIONS
from .faults import FaultKind, Where
from .login.account import Account
from .login.checkpoints import Said, Variant
from .login.logged_out import LoggedOut
from .profile import WhoAmI
from .site import site

_USERNAME = re.compile(r"[a-z0-9._]{1,30}")
_STEERING = ("follow", "leave", "rename", "again")
_OF_LOGIN = (FaultKind.CHECKPOINT, FaultKind.SUSPENDED, FaultKind.SUSPICION, FaultKind.CONSENT)
_VARIANTS: dict[str, Collection[str]] = {
    FaultKind.DIALOG: DIALOGS,
    FaultKind.SUSPICION: SUSPICIONS,
    FaultKind.CHECKPOINT: list(Variant),
    FaultKind.LOGGED_OUT: list(LoggedOut),
    FaultKind.WHO_AM_I: list(WhoAmI),
}
_LINGER_MS = 3000


def _end_sessions(variant: str) -> Json:
    return {"sessions_ended": site().sessions.drop_all()}


def _clear(variant: str) -> Json:
    site().faults.clear()
    site().checkpoints.forget()
    return {"faults": []}


def _usual_place(kind: str, variant: str) -> str:
    if kind in _OF_LOGIN:
        return Where.LOGIN
    asked = DIALOGS.get(variant) if kind == FaultKind.DIALOG else None
    return Where.PAGE if asked and not asked.for_strangers else Where.ANY


blueprint = blueprint_of(
    site,
    Menu(
        kinds=FaultKind,
        places=Where,
        variants=_VARIANTS,
        at_once={FaultKind.SESSION_DEAD: _end_sessions, FaultKind.CLEAR: _clear},
        status=429,
        ms={FaultKind.CHECKPOINT: _LINGER_MS},
        place_of=_usual_place,
    ),
)


@blueprint.get("/phone/<username>")
def phone(username: str) -> Response:
    """Return what the person's phone shows: messages, newest last, and the authenticator's present code."""
    account = _account_named(username)
    return answer({"messages": [asdict(message) for message in account.messages], "totp": account.current_totp()})


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
    return answer(figures if request.args.get("counts_only") == "1" else {**figures, **truth(world, since)})


@blueprint.post("/people")
def steer() -> Response:
    """Let people follow, leave, be renamed or follow ``again`` at once; takes a second.

    ``full_name`` is that of those who come.
    """
    names, full_name = body().get("follow_usernames", []), body().get("full_name")
    if not isinstance(names, list) or not all(isinstance(name, str) and _USERNAME.fullmatch(name) for name in names):
        refuse("follow_usernames is a list of usernames")
    follow, leave, rename, again = (number(key) for key in _STEERING)
    try:
        came = site().world.steer(follow, leave, rename, names, again)
    except ValueError as error:
        refuse(str(error))
    for person in came:
        person.full_name = full_name if isinstance(full_name, str) else person.full_name
    return answer({"now": site().calendar_iso(), "came": [person_row(person) for person in came]})


@blueprint.post("/media")
def steer_media() -> Response:
    """Let the account ``archive`` or ``delete`` pieces, or show ``stories``; takes a second."""
    archive, delete, stories = (number(key) for key in ("archive", "delete", "stories"))
    try:
        shown = site().world.steer_media(archive, delete, stories)
    except ValueError as error:
        refuse(str(error))
    return answer({"now": site().calendar_iso(), "stories": [str(story.pk) for story in shown]})


@blueprint.get("/requests")
def requests() -> Response:
    """Return how many requests came but for these routes', by the name of what answered them and by the minute."""
    counted = site().requests
    return answer({"total": counted.total(), "by_kind": dict(counted), "by_minute": dict(site().by_minute)})


def _said(username: str, said: Said) -> Response:
    _account_named(username)
    if not site().checkpoints.answer(said):
        refuse("no login waits for an answer", 409)
    return answer({"said": said})


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
        refuse(f"{key} is an ISO time with its offset, such as 2026-03-02T09:00:00Z")
    return moment


def _account_named(username: str) -> Account:
    account = site().account
    if username != account.username:
        refuse("no one has that name here", 404)
    return account
