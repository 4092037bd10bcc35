"""The posts that Meta sends by itself: an app was removed, or a person wants their data deleted."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from enum import StrEnum

import httpx

from .apps import MetaApp
from .hosts import Host

_SECONDS = 20
_GOOD_FOR = timedelta(hours=1)


class Callback(StrEnum):
    """The two kinds of posts."""

    DEAUTHORIZE = "deauthorize"
    DELETION = "data_deletion"


def signed_request(app: MetaApp, host: Host, user_id: str, now: datetime) -> str:
    """Return the signature and the payload of a post, each in the alphabet of addresses and without padding."""
    payload = {
        "user_id": user_id,
        "algorithm": "HMAC-SHA256",
        "issued_at": int(now.timestamp()),
        "expires": int((now + _GOOD_FOR).timestamp()),
    }
    text = _plain(json.dumps(payload).encode())
    secret = app.instagram_secret if host is Host.INSTAGRAM else app.secret
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{_plain(signature)}.{text}"


def send(url: str, signed: str) -> dict[str, object]:
    """Post a signed request and return what came back."""
    try:
        answer = httpx.post(url, data={"signed_request": signed}, timeout=_SECONDS)
    except httpx.HTTPError as error:
        return {"status": None, "error": type(error).__name__}
    return {"status": answer.status_code, "body": answer.text}


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
