"""Text of an export: UTF-8 bytes that were written as Latin-1 letters, and usernames found in it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_USERNAME = re.compile(r"[a-z0-9._]{1,30}")


def mended(text: str) -> str:
    """The text as it was meant ("usuÃ¡rio" -> "usuário"); one that was not garbled comes back as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def username(text: object) -> str | None:
    """The username that the text is, in lower case; None when it cannot be one."""
    if not isinstance(text, str):
        return None
    name = mended(text).strip().removeprefix("@").lower()
    return name if _USERNAME.fullmatch(name) else None


def username_in_address(address: object) -> str | None:
    """The username of a profile's address, such as `https://www.instagram.com/_u/name/?x=1`; None when it has none."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(mended(address).strip())
    except ValueError:
        return None
    if parts.netloc and not parts.netloc.lower().endswith("instagram.com"):
        return None
    steps = [unquote(step) for step in parts.path.split("/") if step]
    return username(steps[-1]) if steps else None
