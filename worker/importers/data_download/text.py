"""Text of an export: UTF-8 bytes that were written as Latin-1 letters, and usernames found in it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from shared.domain.input.text import LONGEST, clean, clean_line

LONGEST_LABEL = 200
# A path in a data download; the column is part of an index, which takes no more.
LONGEST_PATH = 500

_USERNAME = re.compile(r"[a-z0-9._]{1,30}")


def mended(text: str, longest: int = LONGEST) -> str:
    """The text as it was meant ("usuÃ¡rio" -> "usuário"), cleaned and cut to the length that is kept."""
    # Four garbled letters make one, and what follows is cut off in any case.
    given = text[: 8 * longest]
    try:
        return clean(given.encode("latin-1").decode("utf-8", "strict" if given == text else "ignore"), longest)
    except (UnicodeEncodeError, UnicodeDecodeError):
        return clean(given, longest)


def label_of(text: str) -> str:
    """A label as it is compared and named: mended, one line, in lower case."""
    return clean_line(mended(text, LONGEST_LABEL), LONGEST_LABEL).lower()


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
