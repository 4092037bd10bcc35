"""Google's own control routes under ``/_sandbox``: the people, the clients, what is granted, and the truth."""

from datetime import date, timedelta

from flask import Response, request

from sandbox.control import Change, Menu, answer, blueprint_of, body, refuse
from sandbox.world.channel.channel import Channel
from sandbox.world.channel.days import day_of
from sandbox.world.channel.truth import truth

from .analytics.freshness import DAILY, SETTLED, last_day
from .api.trouble import REASONS
from .changes import CHANGES
from .data.shapes import rounded
from .faults import FaultKind, Where
from .site import site


def _change(kind: FaultKind) -> Change:
    return lambda variant: CHANGES[kind](site(), variant)


blueprint = blueprint_of(
    site,
    Menu(
        kinds=FaultKind,
        places=Where,
        variants={FaultKind.REFUSED: REASONS},
        at_once={kind: _change(kind) for kind in CHANGES},
    ),
)


@blueprint.get("/accounts")
def accounts() -> Response:
    """Return the people and their channels."""
    people = [
        {"email": account.email, "channels": [{"id": one.id, "handle": one.handle} for one in account.channels]}
        for account in site().accounts
    ]
    return answer({"accounts": people})


@blueprint.get("/truth/<identity>")
def true_state(identity: str) -> Response:
    """Return the truth of a channel, by id or handle, with its days since ``since``, and how much of it is shown."""
    text = request.args.get("since")
    try:
        since = date.fromisoformat(text) if text else None
    except ValueError:
        refuse("since is a day such as 2026-03-02")
    channel = _channel(identity)
    shown = {
        "daily_until": last_day(DAILY, channel.now, 0).isoformat(),
        "settled_until": (day_of(channel.now - SETTLED) - timedelta(days=1)).isoformat(),
    }
    return answer({**truth(channel, since), **shown, "subscribers_shown": rounded(channel.subscribers)})


@blueprint.post("/clients")
def allow() -> Response:
    """Register a ``redirect_uri`` with the first client, or with ``client_id``; set ``testing`` and ``testers``."""
    asked = body()
    client = site().client_named(str(asked.get("client_id", site().client.id)))
    testers = asked.get("testers", [])
    if client is None or not isinstance(testers, list):
        refuse("no such client, or testers is no list")
    try:
        if "redirect_uri" in asked:
            client.allow(str(asked["redirect_uri"]))
    except ValueError as error:
        refuse(str(error))
    client.testing = bool(asked.get("testing", client.testing))
    client.testers |= frozenset(map(str, testers))
    return answer({"client_id": client.id, "redirect_uris": sorted(client.redirect_uris), "testing": client.testing})


@blueprint.get("/requests")
def requests() -> Response:
    """Return how many requests came but for these routes', and the quota that they used."""
    counted = site().requests
    return answer({"total": counted.total(), "by_kind": dict(counted), "spent": dict(site().spent)})


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
    return answer({"grants": rows, "refresh_tokens": site().grants.live_refresh_tokens()})


def _channel(identity: str) -> Channel:
    names = {name: one for one in site().channels() for name in (one.id, one.handle, one.handle.removeprefix("@"))}
    if identity not in names:
        refuse("no such channel", 404)
    return names[identity]
