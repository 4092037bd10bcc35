"""The installation's app at Meta, and the addresses of Instagram's official API."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.errors import AppRefused
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class InstagramApp:
    """App id and secret, and where codes, tokens and the Graph API are; `version` is the one that is asked for."""

    app_id: str | None
    app_secret: str | None = field(repr=False)
    oauth_url: str
    graph_url: str
    version: str

    @classmethod
    def of(cls, settings: Settings) -> InstagramApp:
        """The app as it is set."""
        return cls(
            settings.instagram_app_id,
            settings.instagram_app_secret,
            settings.instagram_oauth_url,
            settings.instagram_graph_url,
            settings.graph_version,
        )

    @property
    def is_set_up(self) -> bool:
        """Whether both id and secret are set."""
        return self.app_id is not None and self.app_secret is not None

    @property
    def base(self) -> str:
        """The address before each path of the Graph API."""
        return f"{self.graph_url}/{self.version}"

    def credentials(self) -> tuple[str, str]:
        """Id and secret; raises AppRefused where one of them is not set."""
        if self.app_id is None or self.app_secret is None:
            raise AppRefused().as_variant("missing")
        return self.app_id, self.app_secret
