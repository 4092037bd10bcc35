"""TikTok's own control routes under ``/_sandbox``: people, the app, what is granted, and the truth."""

from flask import Response

from sandbox.control import Change, Menu, answer, blueprint_of, body, refuse

from .api.answers import ERRORS
from .changes import CHANGES
from .faults import FaultKind, Where
from .site import site


def _change(kind: FaultKind) -> Change:
    return lambda variant: CHANGES[kind](site(), variant)


blueprint = blueprint_of(
    site,
    Menu(
        kinds=FaultKind,
        places=Where,
        variants={FaultKind.REFUSED: ERRORS},
        at_once={kind: _change(kind) for kind in CHANGES},
    ),
)


@blueprint.get("/truth/<username>")
def true_state(username: str) -> Response:
    """Return the true counters and videos of a person."""
    person = site().person(username)
    if person is None:
        refuse("no one has that name here", 404)
    return answer(person.profile.truth())


@blueprint.post("/app")
def change_app() -> Response:
    """Register a ``redirect_uri``; set ``reviewed``, ``older_lifetimes`` and ``testers``."""
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
    app.reviewed = bool(asked.get("reviewed", app.reviewed))
    app.older_lifetimes = bool(asked.get("older_lifetimes", app.older_lifetimes))
    return answer({"redirect_uris": sorted(app.redirect_uris), "reviewed": app.reviewed})


@blueprint.get("/requests")
def requests() -> Response:
    """Return how many requests came but for these routes', and the calls of the present minute."""
    counted = site().requests
    spent = {path: len(calls) for path, calls in site().calls.items()}
    return answer({"total": counted.total(), "by_kind": dict(counted), "spent": spent})


@blueprint.get("/grants")
def grants() -> Response:
    """Return what is granted now, and how many refresh tokens work."""
    standing = [grant for grant in site().grants.every if grant.scopes and not grant.revoked]
    rows = [{"username": grant.person.username, "scopes": sorted(grant.scopes)} for grant in standing]
    working = sum(token.works(site().now) for token in site().grants.refreshing.values())
    return answer({"grants": rows, "refresh_tokens": working})
