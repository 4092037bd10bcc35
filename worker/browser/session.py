"""A browser's identity across restarts: its cookies and storage, language, time zone and window."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from playwright.async_api import BrowserContext, StorageState, ViewportSize

from shared.errors import VaultError
from worker.platforms.base import SessionSecret

_LOCALE = "en-US"
_VIEWPORT: ViewportSize = {"width": 1280, "height": 800}
# Sessions of an earlier version may hold a user agent; the browser sends its own.
_NO_LONGER_KEPT = frozenset({"user_agent", "given_user_agent"})


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A context's permanent settings and its storage; `storage_state` is None before the first login."""

    locale: str = _LOCALE
    timezone_id: str = "UTC"
    viewport: ViewportSize = field(default_factory=_VIEWPORT.copy)
    storage_state: StorageState | None = field(default=None, repr=False)

    @classmethod
    def fresh(cls, timezone: str) -> BrowserSession:
        """A session for a first login, in the person's time zone if the name is a valid one."""
        return cls(timezone_id=timezone if _is_timezone(timezone) else "UTC")

    @classmethod
    def from_secret(cls, secret: SessionSecret) -> BrowserSession:
        """The session that `to_secret` wrote; raises VaultError for anything else."""
        try:
            data: dict[str, Any] = json.loads(secret.text)
            return cls(**{name: value for name, value in data.items() if name not in _NO_LONGER_KEPT})
        except (ValueError, TypeError, AttributeError):
            raise VaultError().as_variant("session") from None

    def to_secret(self) -> SessionSecret:
        return SessionSecret(json.dumps(asdict(self), separators=(",", ":")))

    def device_only(self, device_cookies: Collection[str]) -> BrowserSession:
        """The same device, logged out, for a new login; of its cookies it keeps those by which a platform knows it."""
        if self.storage_state is None:
            return self
        kept = [cookie for cookie in self.storage_state.get("cookies", []) if cookie.get("name") in device_cookies]
        state = cast(StorageState, {"cookies": kept, "origins": []})
        return replace(self, storage_state=state)

    def with_cookies(self, cookies: list[dict[str, Any]], device_cookies: Collection[str]) -> BrowserSession:
        """The same language, time zone and window with the cookies of another browser, its device cookies among them.

        A session belongs to its own device cookies; missing ones are taken from this device.
        """
        brought = {cookie.get("name") for cookie in cookies}
        state: StorageState = self.device_only(device_cookies).storage_state or {}
        own = [cookie for cookie in state.get("cookies", []) if cookie.get("name") not in brought]
        both = cast(StorageState, {"cookies": [*own, *cookies], "origins": []})
        return replace(self, storage_state=both)

    async def read_from(self, context: BrowserContext) -> BrowserSession:
        """The session as the context has it now."""
        return replace(self, storage_state=await context.storage_state())

    def cookie(self, name: str) -> str | None:
        """The value of a stored cookie, None where there is none."""
        state: StorageState = self.storage_state or {}
        return next((c.get("value") for c in state.get("cookies", []) if c.get("name") == name), None) or None


def _is_timezone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
