"""Parses Instagram usernames that people type and paste."""

import re
import unicodedata
from urllib.parse import unquote

_ADDRESS = re.compile(r"^(?:https?:)?(?://)?(?:www\.|m\.)?instagram\.com(?::\d+)?/", re.I)
_EXPORT = re.compile(r"(?<![a-z0-9._])instagram-([a-z0-9._]{1,30})-20\d\d-\d\d-\d\d", re.I)
_USERNAME = re.compile(r"[a-z0-9._]{1,30}")
# The name comes second behind these: links of data downloads, and of stories.
_BEFORE_A_NAME = frozenset({"_u", "stories"})
# Pages of Instagram itself, which no account can have as its name.
_PAGES = frozenset(
    {
        "_n",
        "_u",
        "about",
        "accounts",
        "api",
        "ar",
        "challenge",
        "developer",
        "direct",
        "directory",
        "emails",
        "explore",
        "graphql",
        "legal",
        "nametag",
        "oauth",
        "p",
        "reel",
        "reels",
        "s",
        "share",
        "stories",
        "tv",
        "web",
    }
)
_STORIES_WITHOUT_A_NAME = "highlights"


def clean_username(typed: str) -> str | None:
    """The bare username in lower case from `@name`, ` Name ` or a profile's address; None when it cannot be one.

    Invisible marks that come with a copied name are removed. Addresses of posts, reels and Instagram's own pages hold
    no username.
    """
    text = _visible(typed)
    name = (_named_in(_ADDRESS.sub("", text)) if _ADDRESS.match(text) else text).strip().removeprefix("@").lower()
    return name if _USERNAME.fullmatch(name) and name not in _PAGES else None


def username_of_export(filename: str) -> str | None:
    """The username in Instagram's name of a data download, `instagram-name-2026-11-01-a1B2c3D4.zip`; else None."""
    found = _EXPORT.search(filename)
    return found[1].lower() if found else None


def _visible(typed: str) -> str:
    """The text without marks of writing direction, zero-width signs and blanks around it."""
    return "".join(sign for sign in typed if unicodedata.category(sign) != "Cf").strip()


def _named_in(path: str) -> str:
    """The username in an address's path; empty where the path holds none."""
    parts = [part for part in unquote(re.split(r"[?#]", path, maxsplit=1)[0]).split("/") if part]
    if not parts:
        return ""
    first, *rest = parts
    if first.lower() not in _BEFORE_A_NAME:
        return first
    named = rest[0] if rest else ""
    return "" if first.lower() == "stories" and named.lower() == _STORIES_WITHOUT_A_NAME else named
