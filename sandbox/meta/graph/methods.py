"""Every call of the Graph API: nodes and their edges by path, with or without a version."""

from flask import Blueprint, Response, g, request

from sandbox.meta.apps import BASIC, PAGE_BASIC, PAGES_LIST
from sandbox.meta.faults import FaultKind, Where
from sandbox.meta.hosts import Host
from sandbox.meta.insights.account import account_insights
from sandbox.meta.insights.media import media_insights
from sandbox.meta.oauth.grants import Token
from sandbox.meta.people import Account
from sandbox.meta.site import host, site

from .answers import GraphError, Json, no_permission, no_such_object, refuse, reply
from .caller import caller, check_version, check_ways
from .fields import asked_fields, chosen
from .media import children, media_node, media_page, stories
from .trouble import check_faults
from .usage import spend_of_account, spend_of_app, tell
from .users import instagram_user, page_account, page_node, person_node

blueprint = Blueprint("graph", __name__)
blueprint.register_error_handler(GraphError, refuse)
blueprint.after_request(tell)


@blueprint.get("/<path:path>")
def answer(path: str) -> Response:
    """Return a node or one of its edges."""
    check_faults()
    version, _, rest = path.partition("/") if path.startswith("v") else ("", "", path)
    check_version(version)
    check_ways()
    identity, _, edge = rest.partition("/")
    g.answered_by = edge or "node"
    token = caller()
    if host() is Host.FACEBOOK and (edge == "accounts" or identity == "me"):
        return _of_person(token, identity, edge)
    return reply(_of_account(token, identity, edge))


@blueprint.route("/<path:path>", methods=["POST", "PUT", "PATCH"])
def not_a_get(path: str) -> Response:
    """Refuse what is no question; nothing is published here."""
    raise GraphError(100, f"Unsupported request - method type: {request.method.lower()}")


def _of_person(token: Token, identity: str, edge: str) -> Response:
    """Return a person or a Page behind a token, or the Pages of a person."""
    spend_of_app()
    if identity != "me" or edge not in ("", "accounts"):
        raise GraphError(2500, f"Unknown path components: /{edge}")
    if edge == "accounts":
        pages = token.grant.pages if PAGES_LIST in token.grant.scopes and token.page is None else ()
        fields = asked_fields("id,name,access_token,category,category_list,tasks")
        there = [page for page in pages if page in token.grant.person.pages]
        return reply({"data": [chosen("Page", page_node(token, page), fields) for page in there]})
    if token.page is not None:
        return reply(chosen("Page", page_node(token, token.page), asked_fields("id,name")))
    return reply(chosen("User", person_node(token), asked_fields("id,name")))


def _of_account(token: Token, identity: str, edge: str) -> Json:
    """Return an account, a piece, a Page, or an edge of one."""
    account = _account_of(token, identity)
    if account is not None:
        spend_of_account(token.grant, account.id)
        _check_basic(token)
        return _account(token, account, identity, edge)
    for account in _accounts(token):
        piece = account.piece(identity)
        if piece is not None:
            spend_of_account(token.grant, account.id)
            _check_basic(token)
            match edge:
                case "":
                    return chosen("IGMedia", media_node(account, piece), asked_fields())
                case "insights":
                    return media_insights(token, account, piece)
                case "children":
                    return children(account, piece)
            raise GraphError(2500, f"Unknown path components: /{edge}")
    for page in token.grant.pages:
        if page.id == identity and page in token.grant.person.pages and not edge:
            spend_of_app()
            return chosen("Page", page_node(token, page), asked_fields("id,name"))
    raise no_such_object(identity)


def _account(token: Token, account: Account, identity: str, edge: str) -> Json:
    match edge:
        case "" if host() is Host.INSTAGRAM:
            shown = account.scoped_id(site().app.instagram_id) if identity == "me" else identity
            body = chosen("IGUser", instagram_user(account, shown), asked_fields())
            return {"data": [body]} if site().faults.take(FaultKind.WRAPPED, Where.PROFILE) else body
        case "":
            return chosen("IGUser", page_account(account), asked_fields())
        case "media":
            return media_page(account)
        case "stories":
            return stories(account)
        case "insights":
            return account_insights(token, account)
    raise GraphError(2500, f"Unknown path components: /{edge}")


def _account_of(token: Token, identity: str) -> Account | None:
    """Return the account that an id means to this token."""
    for account in _accounts(token):
        names = {account.id}
        if host() is Host.INSTAGRAM:
            names |= {"me", account.scoped_id(site().app.instagram_id)}
        if identity in names:
            return account
    return None


def _accounts(token: Token) -> list[Account]:
    """Return the accounts that a token reaches: its own, or those of the Pages that were chosen."""
    if token.grant.account is not None:
        return [token.grant.account]
    pages = token.grant.pages if token.page is None else (token.page,)
    return [page.account for page in pages if page.account is not None and page in token.grant.person.pages]


def _check_basic(token: Token) -> None:
    if (BASIC if host() is Host.INSTAGRAM else PAGE_BASIC) not in token.grant.scopes:
        raise no_permission()
