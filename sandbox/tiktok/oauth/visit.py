"""One person on the way through the consent pages."""

from dataclasses import dataclass

from sandbox.tiktok.people import Person


@dataclass(slots=True)
class Visit:
    """One authorization request and the answers so far."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None
    person: Person | None = None
