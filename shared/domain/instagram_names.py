"""Instagram usernames as people type and paste them."""

import re

_ADDRESS = re.compile(r"^(?:https?://)?(?:www\.|m\.)?instagram\.com/", re.I)
_USERNAME = re.compile(r"[a-z0-9._]{1,30}")


def clean_username(typed: str) -> str | None:
    """The bare username in lower case from `@name`, ` Name ` or a profile's address; None when it cannot be one."""
    text = typed.strip()
    if _ADDRESS.match(text):
        text = re.split(r"[/?#]", _ADDRESS.sub("", text), maxsplit=1)[0]
    name = text.strip().removeprefix("@").lower()
    return name if _USERNAME.fullmatch(name) else None
