"""One person on the way through the consent pages of either login."""

from dataclasses import dataclass

from sandbox.meta.hosts import Host
from sandbox.meta.people import Account, Page, Person


@dataclass(slots=True)
class Visit:
    """One authorization request and the answers so far."""

    host: Host
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    person: Person | None = None
    account: Account | None = None
    pages: tuple[Page, ...] | None = None
    """The Pages that were chosen on Facebook; None before the question."""

    @property
    def name(self) -> str:
        """The name under which the person is signed in."""
        if self.account is not None:
            return self.account.username
        return self.person.name if self.person else ""
