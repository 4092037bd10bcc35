"""Instagram accounts, people and Pages as nodes, each under the fields of its host."""

from sandbox.meta.apps import PAGES_READ
from sandbox.meta.oauth.grants import Token
from sandbox.meta.people import Account, AccountKind, Page
from sandbox.meta.site import site

from .discovery import discovered
from .fields import ABSENT, Asked, Node, chosen
from .media import media_below
from .profile import profile


def instagram_user(account: Account, identity: str) -> Node:
    """Return an account as Instagram's host shows it; ``identity`` is the id under which it was asked for."""
    return {
        "id": identity,
        "user_id": account.id,
        "account_type": account.kind.value,
        **profile(account),
        "media": lambda asked: media_below(account, asked),
    }


def page_account(account: Account) -> Node:
    """Return an account as Facebook's host shows it; ``ig_id`` is its id on the site's own pages."""
    return {
        "id": account.id,
        "ig_id": account.world.account.pk,
        **profile(account),
        "media": lambda asked: media_below(account, asked),
        "business_discovery": lambda asked: discovered(account, asked),
    }


def person_node(token: Token) -> Node:
    """Return the person on Facebook to whom a token belongs."""
    return {"id": token.grant.person.scoped_id(site().app.id), "name": token.grant.person.name}


def page_node(token: Token, page: Page) -> Node:
    """Return a Page; its token is a new one at each time."""
    return {
        "id": page.id,
        "name": page.name,
        "category": "Personal blog",
        "category_list": [{"id": "361282040719868", "name": "Personal blog"}],
        "tasks": list(page.tasks),
        "access_token": lambda asked: site().grants.page_token(token, page).text,
        "instagram_business_account": lambda asked: _linked(token, page, asked),
        "connected_instagram_account": lambda asked: _of_any_kind(token, page),
    }


def _linked(token: Token, page: Page, asked: Asked) -> object:
    """Return the professional account that is linked to a Page, for those who may read the Page."""
    if page.account is None or page.account.kind is AccountKind.PERSONAL or PAGES_READ not in token.grant.scopes:
        return ABSENT
    return chosen("IGUser", page_account(page.account), asked.below) if asked.below else {"id": page.account.id}


def _of_any_kind(token: Token, page: Page) -> object:
    """Return the id of the account that is connected to a Page, a personal one too."""
    return ABSENT if page.account is None or PAGES_READ not in token.grant.scopes else {"id": page.account.id}
