"""Mends text of a data download, UTF-8 bytes written as Latin-1 letters, and finds usernames in it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from shared.domain.input.text import LONGEST, clean, clean_line

LONGEST_LABEL = 200
# The longest path in a data download; the column is part of an index, which takes no more.
LONGEST_PATH = 500

_USERNAME = re.compile(r"[a-z0-9._]{1,30}")


def mend(text: str, longest: int = LONGEST) -> str:
    """The intended text ("usuÃ¡rio" -> "usuário"), cleaned and cut to the stored length."""
    # Four garbled letters make one, and the rest is cut off in any case.
    given = text[: 8 * longest]
    try:
        return clean(given.encode("latin-1").decode("utf-8", "strict" if given == text else "ignore"), longest)
    except (UnicodeEncodeError, UnicodeDecodeError):
        return clean(given, longest)


def label_of(text: str) -> str:
    """A label in comparable form: mended, one line, in lower case."""
    return clean_line(mend(text, LONGEST_LABEL), LONGEST_LABEL).lower()


def username(text: object) -> str | None:
    """The username in the text, in lower case; None when it cannot be one."""
    if not isinstance(text, str):
        return None
    name = mend(text).strip().removeprefix("@").lower()
    return name if _USERNAME.fullmatch(name) else None


def username_in_address(address: object) -> str | None:
    """The username in a profile's address, such as `https://www.instagram.com/_u/name/?x=1`; None without one."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(mend(address).strip())
    except ValueError:
        return None
    if parts.netloc and not parts.netloc.lower().endswith("instagram.com"):
        return None
    steps = [unquote(step) for step in parts.path.split("/") if step]
    return username(steps[-1]) if steps else None
