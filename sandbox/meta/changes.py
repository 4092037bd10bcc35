"""Trouble that happens at once: what ends, is withdrawn, is used up or taken away stays so."""

from collections.abc import Callable

from sandbox.control import Unknown

from .faults import FaultKind
from .graph.answers import Json
from .graph.usage import spend_all
from .oauth.grants import End
from .people import AccountKind
from .site import Meta

Change = Callable[[Meta, str], Json]


def expire(meta: Meta, variant: str) -> Json:
    """End every token; what was granted stays."""
    return {"tokens_ended": meta.grants.expire()}


def revoke(meta: Meta, variant: str) -> Json:
    """End every grant, as when the person removes the app (458), or for the reason whose subcode ``variant`` is."""
    if variant and variant not in {str(end.value) for end in End}:
        raise Unknown(f"say one of {', '.join(str(end.value) for end in End)}")
    standing = meta.grants.standing()
    for grant in standing:
        grant.end = End(int(variant or End.REMOVED))
    return {"grants_ended": len(standing)}


def withdraw(meta: Meta, variant: str) -> Json:
    """Take the scope ``variant`` out of every grant."""
    holders = [grant for grant in meta.grants.standing() if variant in grant.scopes]
    if not holders:
        raise Unknown("no grant has that scope")
    for grant in holders:
        grant.scopes -= {variant}
    return {"grants_changed": len(holders)}


def spend_quota(meta: Meta, variant: str) -> Json:
    """Use up the limits of every account and of the app."""
    spend_all()
    return {"spent": {name: len(calls) for name, calls in meta.calls.items()}}


def lose_page(meta: Meta, variant: str) -> Json:
    """Take every Page away from its person; with ``unlinked`` only the Instagram account from the Page."""
    if variant not in ("", "unlinked"):
        raise Unknown("say nothing, or unlinked")
    for person in meta.people:
        for page in person.pages:
            if page.account is not None and page.account not in person.accounts:
                person.accounts.append(page.account)
            page.account = None if variant else page.account
        person.pages = person.pages if variant else []
    return {"pages": sum(len(person.pages) for person in meta.people)}


def make_personal(meta: Meta, variant: str) -> Json:
    """Turn every account, or the one whose username is ``variant``, into a personal one; a kind after it says which."""
    name, _, kind = variant.partition(" ")
    accounts = [account for account in meta.accounts() if name in ("", account.username)]
    if not accounts or (kind and kind not in list(AccountKind)):
        raise Unknown(f"say a username, and perhaps one of {', '.join(AccountKind)}")
    for account in accounts:
        account.kind = AccountKind(kind or AccountKind.PERSONAL)
    return {"accounts": {account.username: account.kind.value for account in accounts}}


CHANGES: dict[FaultKind, Change] = {
    FaultKind.EXPIRED: expire,
    FaultKind.REVOKED: revoke,
    FaultKind.SCOPE_WITHDRAWN: withdraw,
    FaultKind.QUOTA_SPENT: spend_quota,
    FaultKind.PAGE_MISSING: lose_page,
    FaultKind.PERSONAL: make_personal,
}
