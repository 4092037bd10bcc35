"""The installation's app at TikTok, and the address of TikTok's interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.errors import AppRefused
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class TikTokApp:
    """Client key and secret, and where tokens and the Display API are."""

    client_key: str | None
    client_secret: str | None = field(repr=False)
    api_url: str

    @classmethod
    def of(cls, settings: Settings) -> TikTokApp:
        """The app as it is set."""
        return cls(settings.tiktok_client_key, settings.tiktok_client_secret, settings.tiktok_api_url)

    @property
    def is_set_up(self) -> bool:
        """Whether both key and secret are set."""
        return self.client_key is not None and self.client_secret is not None

    def credentials(self) -> dict[str, str]:
        """What a call for a token says of the app; raises AppRefused where key or secret is not set."""
        if self.client_key is None or self.client_secret is None:
            raise AppRefused().as_variant("missing")
        return {"client_key": self.client_key, "client_secret": self.client_secret}
