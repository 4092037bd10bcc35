"""The addresses that other people's clients call, and the stand-ins that answer there instead."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

CALLBACK = "https://rollcall.example/callback"
GOOGLE = ("accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com")
INSTAGRAM = ("www.instagram.com", "api.instagram.com", "graph.instagram.com")
FACEBOOK = ("www.facebook.com", "graph.facebook.com")


class Hosts:
    """Stand-ins by the host whose place they take."""

    def __init__(self, stand_ins: Mapping[str, str]) -> None:
        self._stand_ins = stand_ins

    def here(self, url: str) -> str:
        """The stand-in's address of a page or call; LookupError for a host that has none."""
        parts = urlsplit(url)
        stand_in = self._stand_ins.get(parts.hostname or "")
        if stand_in is None:
            raise LookupError(f"no stand-in takes the place of {parts.hostname}")
        return stand_in + url.removeprefix(f"{parts.scheme}://{parts.netloc}")

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Send every call of `requests` to a stand-in, so that none leaves this machine."""
        send = requests.Session.request

        def request(session: requests.Session, method: str, url: str, *args: Any, **given: Any) -> requests.Response:
            return send(session, method, self.here(url), *args, **given)

        patch.setattr(requests.Session, "request", request)
