"""Parsers of settings that hold an address or a key. Each raises ValueError with a sentence that omits the value."""

import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from shared.domain.input.hosts import Host

_ENCODE = "percent-encode each sign of a name or password in it other than letters, digits, '-', '_' and '.'"
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


def url(*schemes: str, login: bool = False, path: bool = True) -> Callable[[str], str]:
    """An address of one of these schemes with a usable host and port.

    `login` says whether a name and password may stand in it, `path` whether it may go on after the host.
    """

    def parse(value: str) -> str:
        parts = _split(value, schemes)
        if not login and (parts.username is not None or "@" in parts.netloc):
            raise ValueError("has a name or password in it; leave that out")
        if not path and (parts.path.strip("/") or parts.query or parts.fragment or "?" in value or "#" in value):
            raise ValueError("has something behind its host; Rollcall works at the root of a host of its own only")
        return value.rstrip("/") if parts.scheme.startswith("http") else value

    return parse


def sentry_dsn(value: str) -> str:
    """A DSN of Sentry: a key before the host, the number of a project at its end."""
    parts = _split(value, ("http", "https"))
    if not parts.username or not re.fullmatch(r"(?:/[\w.-]+)*/[0-9]+", parts.path.rstrip("/"), re.ASCII):
        raise ValueError("is no DSN of Sentry, with a key before its host and the number of a project at its end")
    return value.rstrip("/")


def key(value: str) -> str:
    """A key or token that is sent in a header: one word of ASCII signs."""
    if not _PRINTABLE.fullmatch(value):
        raise ValueError("has a space, a line end or a sign in it that no key has; copy it again")
    return value


def host(value: str) -> str:
    """The address that the web listens on, without the brackets of an IPv6 address."""
    return Host.parse(value).listen


def _split(value: str, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of an address; the library's own error would repeat the value."""
    named = " or ".join(f"{scheme}://" for scheme in schemes)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", value) or value.partition(":")[0].lower() not in schemes:
        raise ValueError(f"does not begin with {named}")
    if not _PRINTABLE.fullmatch(value) and any(sign.isspace() or not sign.isprintable() for sign in value):
        raise ValueError(f"has a space or a line end in it; {_ENCODE}")
    try:
        parts = urlsplit(value)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"has no usable host and port; {_ENCODE}")
    login = parts.netloc.rpartition("@")[0]
    if "@" in login or re.search(r"[\[\]]", login) or "@" in value[len(parts.scheme) + 3 + len(parts.netloc) :]:
        raise ValueError(f"has a sign in its name or password that has another meaning there; {_ENCODE}")
    if _BROKEN_PERCENT.search(login):
        raise ValueError(f"has a % that two hexadecimal digits do not follow; {_ENCODE}")
    return parts
