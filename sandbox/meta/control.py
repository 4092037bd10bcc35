"""Meta's own control routes under ``/_sandbox``: people, the app, what is granted, callbacks, and the truth."""

from datetime import date, timedelta

from flask import Response, request

from sandbox.control import Change, Menu, answer, blueprint_of, body, refuse
from sandbox.world.channel.days import day_of
from sandbox.world.insights.truth import truth

from .callbacks import Callback, send, signed_request
from .changes import CHANGES
from .faults import FaultKind, Where
from .graph.refusals import REFUSALS, THROTTLES
from .hosts import Host
from .insights.account import is_withheld
from .insights.metrics import ACCOUNT
from .insights.windows import SETTLED
from .people import Account, media_id
from .site import site


def _change(kind: FaultKind) -> Change:
    return lambda variant: CHANGES[kind](site(), variant)


blueprint = blueprint_of(
    site,
    Menu(
        kinds=FaultKind,
        places=Where,
        variants={FaultKind.REFUSED: REFUSALS, FaultKind.THROTTLED: ["", *map(str, THROTTLES)]},
        at_once={kind: _change(kind) for kind in CHANGES},
        ms={FaultKind.THROTTLED: 30 * 60_000},
    ),
)


@blueprint.get("/accounts")
def accounts() -> Response:
    """Return the Instagram accounts with their ids, and the people on Facebook with their Pages."""
    rows = [
        {"username": one.username, "user_id": one.id, "id": one.scoped_id(site().app.instagram_id), "kind": one.kind}
        for one in site().accounts()
    ]
    people = [{"name": person.name, "pages": [page.id for page in person.pages]} for person in site().people]
    return answer({"accounts": rows, "people": people})


@blueprint.get("/truth/<username>")
def true_state(username: str) -> Response:
    """Return an account with its days since ``since``, its ids at the API, and what is settled or withheld."""
    account = _account(username)
    text = request.args.get("since")
    try:
        since = date.fromisoformat(text) if text else None
    except ValueError:
        refuse("since is a day such as 2026-03-02")
    found = truth(account.insights, since)
    pieces = [piece.pk for piece in account.world.posts] + [story.pk for story in account.world.stage.stories]
    more = {
        "user_id": account.id,
        "media_ids": {str(pk): media_id(pk) for pk in pieces},
        "settled_until": (day_of(site().now - SETTLED) - timedelta(days=1)).isoformat(),
        "withheld": sorted(name for name in ACCOUNT if is_withheld(account, name)),
    }
    return answer({**found, **more})


@blueprint.post("/app")
def change_app() -> Response:
    """Register a ``redirect_uri``; set ``live``, ``new``, ``needs_proof``, ``testers``, and where callbacks go."""
    asked, app = body(), site().app
    try:
        if "redirect_uri" in asked:
            app.allow(str(asked["redirect_uri"]))
    except ValueError as error:
        refuse(str(error))
    testers = asked.get("testers", [])
    if not isinstance(testers, list):
        refuse("testers is a list")
    app.testers |= frozenset(map(str, testers))
    app.live, app.new = bool(asked.get("live", app.live)), bool(asked.get("new", app.new))
    app.needs_proof = bool(asked.get("needs_proof", app.needs_proof))
    for name in ("deauthorize_url", "deletion_url"):
        if name in asked:
            setattr(app, name, str(asked[name]))
    return answer({"redirect_uris": sorted(app.redirect_uris), "live": app.live, "new": app.new})


@blueprint.post("/callbacks")
def call_back() -> Response:
    """Send a ``deauthorize`` or ``data_deletion`` post for the account ``username``, and return what came back.

    ``login`` says whose secret signs it, Instagram's or Facebook's; ``forged`` signs it with another.
    """
    asked = body()
    kind, login = str(asked.get("kind")), str(asked.get("login", Host.INSTAGRAM))
    if kind not in list(Callback) or login not in list(Host):
        refuse("no such callback", kinds=list(Callback), logins=list(Host))
    account, app, host = _account(str(asked.get("username", site().accounts()[0].username))), site().app, Host(login)
    url = app.deauthorize_url if kind == Callback.DEAUTHORIZE else app.deletion_url
    if not url:
        refuse("the app has no such address; set it at /_sandbox/app")
    person = site().owner(account)
    user_id = account.scoped_id(app.instagram_id) if host is Host.INSTAGRAM else person.scoped_id(app.id)
    signed = signed_request(app, host, user_id, site().now)
    return answer({"user_id": user_id, **send(url, signed[1:] + signed[:1] if asked.get("forged") else signed)})


@blueprint.get("/requests")
def requests() -> Response:
    """Return how many requests came but for these routes', and the calls that fall under a limit."""
    counted = site().requests
    calls = {name: len(moments) for name, moments in site().calls.items()}
    return answer({"total": counted.total(), "by_kind": dict(counted), "spent": calls})


@blueprint.get("/grants")
def grants() -> Response:
    """Return what is granted now."""
    rows = [
        {
            "login": grant.host,
            "person": grant.person.name,
            "username": grant.account.username if grant.account else None,
            "pages": [page.id for page in grant.pages],
            "scopes": sorted(grant.scopes),
        }
        for grant in site().grants.standing()
    ]
    return answer({"grants": rows})


def _account(username: str) -> Account:
    found = site().account(username)
    if found is None:
        refuse("no one has that name here", 404)
    return found
