"""Google as the provider of YouTube's official API (docs/connect/google.md)."""

from __future__ import annotations

from urllib.parse import urlencode

from shared.messages import Message
from shared.platforms.provider import Provider

YOUTUBE = "https://www.googleapis.com/auth/youtube.readonly"
ANALYTICS = "https://www.googleapis.com/auth/yt-analytics.readonly"


def _authorize(base: str, client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
    """The consent is asked for each time: only then Google gives a refresh token again."""
    asked = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": f"{YOUTUBE} {ANALYTICS}",
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        "include_granted_scopes": "true",
    }
    return f"{base}/o/oauth2/v2/auth?{urlencode(asked)}"


GOOGLE = Provider(
    name="google",
    label="Google",
    scopes=(YOUTUBE, ANALYTICS),
    authorize=_authorize,
    permissions_url="https://myaccount.google.com/connections",
    app_url="https://console.cloud.google.com/",
    app_settings=("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
    required=frozenset({YOUTUBE}),
    scope_words={
        YOUTUBE: Message("the channel, its counters and its videos"),
        ANALYTICS: Message("daily figures and the audience"),
    },
)
