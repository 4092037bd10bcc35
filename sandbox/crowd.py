"""Serves many accounts behind one address: each has its own world and faults, as if it had a stand-in of its own.

A product that reads many profiles from one site finds them all here. A request's account is recognised by the same
signs as at the real site: the session's cookies, the username of a login, and the device that logs in.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from sandbox.http import HttpServer
from sandbox.instagram.app import create_app
from sandbox.instagram.site import Site
from sandbox.server import Config, Credentials, credentials, open_site
from sandbox.world.world import WorldConfig

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CONTROL = "/_sandbox/"
_NAMED = re.compile(r"/_sandbox/(?:phone|truth)/([^/]+)")
_CHALLENGE = re.compile(r"/challenge/(\d+)/")
_LOGIN = "/api/v1/web/accounts/"
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """One account of a crowd: its application, and its owner's credentials."""

    site: Site
    credentials: Credentials

    @property
    def username(self) -> str:
        return self.credentials.username


class Crowd:
    """A stand-in that serves every account of `configs` until it is stopped; the configs' own addresses are ignored."""

    def __init__(self, configs: Iterable[Config], host: str = "127.0.0.1", port: int = 0) -> None:
        sites = [open_site(config) for config in configs]
        self._server = HttpServer(_Reception(sites), host, port)
        self.url = f"http://{host}:{self._server.port}"
        self.members = tuple(Member(site, credentials(site, self.url)) for site in sites)

    def stop(self) -> None:
        """Stop serving and free the port; a second call does nothing."""
        self._server.stop()


def gather(count: int, seed: int, model: Config | None = None, prefix: str = "crowd") -> list[Config]:
    """Return `count` configs like `model`, small unless given, each with a seed and a username of its own."""
    model = model or Config(WorldConfig(followers=60, following=30, posts=14))
    return [
        replace(model, world=replace(model.world, seed=seed * 1000 + number, username=f"{prefix}.{seed}.{number}"))
        for number in range(count)
    ]


@dataclass(slots=True)
class _Reception:
    """Sends each request to its account; ValueError without accounts, or if two share a name or an id."""

    sites: Sequence[Site]
    _by_name: dict[str, "WSGIApplication"] = field(init=False)
    _by_id: dict[str, "WSGIApplication"] = field(init=False)
    _by_device: dict[str, "WSGIApplication"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        apps = [create_app(site) for site in self.sites]
        self._by_name = dict(zip((site.account.username for site in self.sites), apps, strict=True))
        self._by_id = dict(zip((str(site.account.user_id) for site in self.sites), apps, strict=True))
        if not apps or len(self._by_name) < len(apps) or len(self._by_id) < len(apps):
            raise ValueError("a crowd has at least one account, and each its own name and id")

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        app = self._controlled(path, environ) if path.startswith(_CONTROL) else self._visited(path, environ)
        if app is None:
            start_response("400 BAD REQUEST", [("Content-Type", "application/json")])
            return [json.dumps({"error": "say ?account=<username>", "accounts": list(self._by_name)}).encode()]
        return app(environ, start_response)

    def _controlled(self, path: str, environ: "WSGIEnvironment") -> "WSGIApplication | None":
        named = _NAMED.match(path)
        asked = parse_qs(str(environ.get("QUERY_STRING", ""))).get("account", [""])[0]
        return self._by_name.get(unquote(named[1]) if named else asked)

    def _visited(self, path: str, environ: "WSGIEnvironment") -> "WSGIApplication":
        """Shows an unknown visitor the first account's login, which looks like all others."""
        cookies = _cookies(environ)
        device = cookies.get("mid", "")
        entering = self._by_name.get(_username(environ)) if path.startswith(_LOGIN) else None
        if entering is not None and device:
            self._by_device[device] = entering
        challenged = _CHALLENGE.match(path)
        known = (
            entering,
            self._by_id.get(unquote(cookies.get("sessionid", "")).partition(":")[0]),
            self._by_id.get(cookies.get("ds_user_id", "")),
            self._by_id.get(challenged[1]) if challenged else None,
            self._by_device.get(device),
        )
        return next((app for app in known if app is not None), next(iter(self._by_name.values())))


def _cookies(environ: "WSGIEnvironment") -> dict[str, str]:
    try:
        jar = SimpleCookie(str(environ.get("HTTP_COOKIE", "")))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _username(environ: "WSGIEnvironment") -> str:
    """Return the username that a login sends, "" where there is none; the body can be read again afterwards."""
    length = str(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(min(int(length) if length.isdecimal() else 0, _MOST_BYTES))
    environ["wsgi.input"] = BytesIO(body)
    text = body.decode(errors="replace")
    if "json" in str(environ.get("CONTENT_TYPE", "")):
        return _json_username(text)
    return parse_qs(text).get("username", [""])[0].strip().lower()


def _json_username(text: str) -> str:
    try:
        sent = json.loads(text)
    except ValueError:
        return ""
    name = sent.get("username", "") if isinstance(sent, dict) else ""
    return name.strip().lower() if isinstance(name, str) else ""
