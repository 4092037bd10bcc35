"""The control routes under ``/_sandbox``: the calendar, the clients, trouble, and the truth."""

from datetime import date, timedelta

from flask import Blueprint, Response, abort, request

from sandbox.world.channel.channel import Channel
from sandbox.world.channel.days import day_of
from sandbox.world.channel.truth import truth

from .analytics.freshness import DAILY, SETTLED, last_day
from .api.answers import Json, reply
from .api.trouble import REASONS
from .changes import CHANGES, Unknown
from .data.shapes import rounded
from .faults import Fault, FaultKind, Where
from .site import site

blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")
_MAX_HOURS = 3660 * 24
_NUMBERS = {"times": 1, "status": 503, "ms": 1000, "after": 0}


@blueprint.get("/now")
def now() -> Response:
    """Return the calendar's time."""
    return reply({"now": site().now.isoformat()})


@blueprint.post("/advance")
def advance() -> Response:
    """Move the calendar by whole ``days`` and ``hours`` and live them."""
    hours = _number("days") * 24 + _number("hours")
    if not 0 < hours <= _MAX_HOURS:
        abort(reply({"error": 'give {"days": n} or {"hours": n}, at least one hour and at most ten years'}, 400))
    site().advance(timedelta(hours=hours))
    return now()


@blueprint.get("/accounts")
def accounts() -> Response:
    """Return the people and their channels."""
    people = [
        {"email": account.email, "channels": [{"id": one.id, "handle": one.handle} for one in account.channels]}
        for account in site().accounts
    ]
    return reply({"accounts": people})


@blueprint.get("/truth/<identity>")
def true_state(identity: str) -> Response:
    """Return the truth of a channel, by id or handle, with its days since ``since``, and how much of it is shown."""
    text = request.args.get("since")
    try:
        since = date.fromisoformat(text) if text else None
    except ValueError:
        abort(reply({"error": "since is a day such as 2026-03-02"}, 400))
    channel = _channel(identity)
    shown = {
        "daily_until": last_day(DAILY, channel.now, 0).isoformat(),
        "settled_until": (day_of(channel.now - SETTLED) - timedelta(days=1)).isoformat(),
    }
    return reply({**truth(channel, since), **shown, "subscribers_shown": rounded(channel.subscribers)})


@blueprint.post("/clients")
def allow() -> Response:
    """Register a ``redirect_uri`` with the first client, or with ``client_id``; set ``testing`` and ``testers``."""
    body = _body()
    client = site().client_named(str(body.get("client_id", site().client.id)))
    testers = body.get("testers", [])
    if client is None or not isinstance(testers, list):
        abort(reply({"error": "no such client, or testers is no list"}, 400))
    try:
        if "redirect_uri" in body:
            client.allow(str(body["redirect_uri"]))
    except ValueError as error:
        abort(reply({"error": str(error)}, 400))
    client.testing = bool(body.get("testing", client.testing))
    client.testers |= frozenset(map(str, testers))
    return reply({"client_id": client.id, "redirect_uris": sorted(client.redirect_uris), "testing": client.testing})


@blueprint.get("/faults")
def coming_faults() -> Response:
    """Return the faults that are still to come."""
    return reply({"faults": list(site().faults.coming())})


@blueprint.post("/faults")
def add_fault() -> Response:
    """Let something go wrong; an unknown kind or place is answered with those there are."""
    fault = _fault()
    change = CHANGES.get(fault.kind)
    if change is not None:
        try:
            return reply(change(site(), fault.variant))
        except Unknown as error:
            abort(reply({"error": str(error)}, 400))
    if fault.kind is FaultKind.REFUSED and fault.variant not in REASONS:
        abort(reply({"error": "no such reason", "variants": list(REASONS)}, 400))
    if fault.kind is FaultKind.CLEAR:
        site().faults.clear()
    else:
        site().faults.add(fault)
    return coming_faults()


@blueprint.get("/requests")
def requests() -> Response:
    """Return how many requests came but for these routes', and the quota that they used."""
    counted = site().requests
    return reply({"total": counted.total(), "by_kind": dict(counted), "spent": dict(site().spent)})


@blueprint.get("/grants")
def grants() -> Response:
    """Return what is granted now."""
    rows = [
        {
            "client_id": grant.client.id,
            "email": grant.account.email,
            "channel": grant.channel.id if grant.channel else None,
            "scopes": sorted(grant.scopes),
        }
        for grant in site().grants.every
        if grant.scopes and not grant.revoked
    ]
    return reply({"grants": rows, "refresh_tokens": site().grants.live_refresh_tokens()})


def _channel(identity: str) -> Channel:
    names = {name: one for one in site().channels() for name in (one.id, one.handle, one.handle.removeprefix("@"))}
    if identity not in names:
        abort(reply({"error": "no such channel"}, 404))
    return names[identity]


def _fault() -> Fault:
    body = _body()
    try:
        kind, where = FaultKind(str(body.get("kind"))), Where(str(body.get("where", Where.ANY)))
    except ValueError:
        abort(reply({"error": "no such fault", "kinds": list(FaultKind), "where": list(Where)}, 400))
    numbers = {key: _number(key, default) for key, default in _NUMBERS.items()}
    return Fault(kind, where, variant=str(body.get("variant", "")), **numbers)


def _body() -> Json:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        abort(reply({"error": "send a JSON object"}, 400))
    return body


def _number(key: str, default: int = 0) -> int:
    value = _body().get(key, default)
    if not isinstance(value, int) or value < 0:
        abort(reply({"error": f"{key} is a whole number, not below 0"}, 400))
    return value
