"""The follow lists by GraphQL, as the page's own dialog asks for them, and the tokens that its script is given."""

import hashlib
import json

from flask import Response, request

from sandbox.instagram.answers import Json, fail, refuse
from sandbox.instagram.graphql import operation
from sandbox.instagram.guard import APP_ID, check_json_call
from sandbox.instagram.site import site

from .list_faults import gone
from .list_page import ListPage, list_page

NAME = "usePolarisGetFollowListQuery"
DOC_ID = "37158170193798755"
NEXT_DOC_ID = "38811226431907754"
_MOST = 50
_NO_TOKEN = {"__ar": 1, "error": 1357004, "errorSummary": "Sorry, something went wrong", "payload": None}


def tokens() -> Json:
    """Return what the page's ``__eqmc`` script holds for the session of this request."""
    session = request.cookies.get("sessionid", "")
    dtsg, lsd = (hashlib.sha256(f"{name}|{session}".encode()).hexdigest() for name in ("dtsg", "lsd"))
    return {"u": "/ajax/qm/", "e": "", "s": "", "w": 0, "f": f"NAcM{dtsg[:28]}:17:1772442000", "l": lsd[:22]}


def dialog() -> Json | None:
    """Return what the page's script needs to show a list, None while its dialog does not open."""
    if gone("dialog", asked=True):
        return None
    return {"app_id": APP_ID, "doc_id": _doc_id(), "user_id": str(site().world.account.pk), **tokens()}


@operation(NAME)
def follow_list(variables: Json) -> Response:
    """Return the next people of a list, in each of the forms in which such answers come."""
    check_json_call()
    _check_tokens()
    if request.form.get("doc_id") != _doc_id(asked=True):
        refuse(fail(400, "invalid request"))
    which = "followers" if variables.get("isFollowerList") is True else "following"
    if variables.get("userID") != str(site().world.account.pk):
        return _written({"data": {_connection(which): None}, "status": "ok"})
    asked, after = variables.get("first"), variables.get("after")
    size = max(1, min(asked if isinstance(asked, int) else 12, _MOST))
    page = list_page(which, after if isinstance(after, str) else None, size, "graphql")
    return _written({"data": {_connection(which): _body(page)}, "status": "ok"})


def _doc_id(*, asked: bool = False) -> str:
    """Return the id of the query that is served now; the page's script always knows it."""
    return NEXT_DOC_ID if gone("graphql", asked=asked) else DOC_ID


def _check_tokens() -> None:
    known, form = tokens(), request.form
    named = request.headers.get("X-FB-Friendly-Name") == form.get("fb_api_req_friendly_name")
    right = form.get("fb_dtsg") == known["f"] and form.get("lsd") == known["l"] == request.headers.get("X-FB-LSD")
    if not named or not right or not form.get("jazoest") or form.get("av") != str(site().world.account.pk):
        refuse(Response("for (;;);" + json.dumps(_NO_TOKEN), 200, content_type="application/x-javascript"))


def _connection(which: str) -> str:
    return f"xdt_api__v1__friendships__{which}__connection"


def _body(page: ListPage) -> Json:
    goes_on = page.cursor is not None
    nodes = [{"node": {"__typename": "XDTUserDict", **row}, "cursor": ""} for row in page.rows]
    info = {"end_cursor": page.cursor or ("" if page.lies else None), "has_next_page": goes_on or page.lies}
    return {"edges": nodes, "page_info": info, "should_limit_list_of_followers": page.limited}


def _written(body: Json) -> Response:
    """Return the answer as one object, behind the loop that keeps other sites out, or as two lines, in turn."""
    site().passes["answers"] += 1
    text = json.dumps(body, separators=(",", ":"))
    forms = (text, f"for (;;);{text}", text + "\n" + json.dumps({"extensions": {"is_final": True}}))
    return Response(forms[site().passes["answers"] % 3], 200, content_type="application/json; charset=utf-8")
