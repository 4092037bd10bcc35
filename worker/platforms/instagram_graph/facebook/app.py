"""The installation's app at Meta, and the address of Facebook's Graph API."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from shared.errors import AppRefused
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class FacebookApp:
    """App id and secret, and where the Graph API is; `version` is the one that is asked for."""

    app_id: str | None
    app_secret: str | None = field(repr=False)
    graph_url: str
    version: str

    @classmethod
    def of(cls, settings: Settings) -> FacebookApp:
        """The app as it is set."""
        return cls(settings.meta_app_id, settings.meta_app_secret, settings.facebook_graph_url, settings.graph_version)

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

    def proof(self, token: str) -> str:
        """Meta's `appsecret_proof`: shows at each call that whoever has the token knows the secret too."""
        return hmac.new(self.credentials()[1].encode(), token.encode(), "sha256").hexdigest()
