"""The installation's app at Google, and the addresses of Google's interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.errors import AppRefused
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class GoogleApp:
    """Client id and secret, and where tokens, the Data API and the Analytics API are."""

    client_id: str | None
    client_secret: str | None = field(repr=False)
    oauth_url: str
    api_url: str
    analytics_url: str

    @classmethod
    def of(cls, settings: Settings) -> GoogleApp:
        """The app as it is set."""
        return cls(
            settings.google_client_id,
            settings.google_client_secret,
            settings.google_oauth_url,
            settings.youtube_api_url,
            settings.youtube_analytics_url,
        )

    @property
    def is_set_up(self) -> bool:
        """Whether both id and secret are set."""
        return self.client_id is not None and self.client_secret is not None

    def credentials(self) -> dict[str, str]:
        """What a call for a token says of the app; raises AppRefused where id or secret is not set."""
        if self.client_id is None or self.client_secret is None:
            raise AppRefused().as_variant("missing")
        return {"client_id": self.client_id, "client_secret": self.client_secret}
