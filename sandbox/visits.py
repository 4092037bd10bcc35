"""People on their way through consent pages."""

import secrets
from typing import Generic, TypeVar

Visit = TypeVar("Visit")


class Visits(Generic[Visit]):
    """Open visits by their secret."""

    def __init__(self) -> None:
        self._open: dict[str, Visit] = {}

    def begin(self, visit: Visit) -> str:
        """Return the secret under which the pages continue."""
        secret = secrets.token_urlsafe(32)
        self._open[secret] = visit
        return secret

    def find(self, secret: str) -> Visit | None:
        """Return an open visit."""
        return self._open.get(secret)

    def end(self, secret: str) -> None:
        """The visit went back to the client."""
        self._open.pop(secret, None)
