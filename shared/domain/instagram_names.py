"""Instagram usernames as people type and paste them."""

import re

_ADDRESS = re.compile(r"^(?:https?://)?(?:www\.|m\.)?instagram\.com/", re.I)
_EXPORT = re.compile(r"(?<![a-z0-9._])instagram-([a-z0-9._]{1,30})-20\d\d-\d\d-\d\d", re.I)
_USERNAME = re.compile(r"[a-z0-9._]{1,30}")


def clean_username(typed: str) -> str | None:
    """The bare username in lower case from `@name`, ` Name ` or a profile's address; None when it cannot be one."""
    text = typed.strip()
    if _ADDRESS.match(text):
        text = re.split(r"[/?#]", _ADDRESS.sub("", text), maxsplit=1)[0]
    name = text.strip().removeprefix("@").lower()
    return name if _USERNAME.fullmatch(name) else None


def username_of_export(filename: str) -> str | None:
    """The username in the name that Instagram gives an export, `instagram-name-2026-11-01-a1B2c3D4.zip`; else None."""
    found = _EXPORT.search(filename)
    return found[1].lower() if found else None
