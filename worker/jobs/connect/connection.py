"""A connection that is being made: its job, the rows, the user's key, and the device that the platform knows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from shared.errors import NotOffered, VaultError
from shared.platforms import platform_of
from shared.store.profiles import connections
from shared.store.profiles.connections import BrowserConnection
from shared.store.profiles.profiles import ProfileRow
from shared.vault import DataKey, Place
from worker.browser.session import BrowserSession
from worker.jobs.base import JobContext
from worker.platforms.base import LiveSource
from worker.platforms.login import LoginFlow
from worker.rate_limiter import limiter_of
from worker.services import Services


@dataclass(frozen=True, slots=True)
class StoredCredentials:
    """What is stored beside the session, encrypted. `replaces_login` False leaves a stored password as it is."""

    totp_secret: str | None = field(default=None, repr=False)
    login: str | None = field(default=None, repr=False)
    replaces_login: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """What a login works with. `device` is the one of an earlier session, or a fresh one."""

    ctx: JobContext
    services: Services
    profile: ProfileRow
    row: BrowserConnection
    key: DataKey
    device: BrowserSession

    @property
    def totp_secret(self) -> str | None:
        """The stored authenticator secret; None where there is none or it does not open."""
        return self._decrypt("totp_secret", self.row.totp_secret)

    @property
    def login_secret(self) -> str | None:
        """The stored username and password; None where there are none or they do not open."""
        return self._decrypt("login_secret", self.row.login_secret)

    @property
    def login(self) -> LoginFlow:
        """The platform's login in a browser; raises NotOffered where it has none."""
        flow = self.services.client(self.profile.platform).login
        if flow is None:
            raise NotOffered
        return flow

    def encrypt(self, column: str, text: str) -> bytes:
        """The text as it is stored in this column of the connection."""
        return self.key.encrypt(text.encode(), place(self.row, column))

    def open_view(self, context: BrowserContext, session: BrowserSession) -> LiveSource:
        """The platform as a browser sees it that has this session."""
        platform = platform_of(self.profile.platform)
        return self.login.open_view(context, session, limiter_of(self.ctx, self.services, platform, self.row.id))

    async def keep_device(self, context: BrowserContext) -> None:
        """A platform ties an approval to the device that asked for it, and distrusts new ones (IG-3.7)."""
        with suppress(PlaywrightError):
            device = (await self.device.read_from(context)).device_only(self.login.device_cookies)
            secret = self.encrypt("secret", device.to_secret().text)
            async with self.ctx.transaction() as conn:
                await connections.keep_device(conn, self.profile.user_id, self.row.id, secret)

    def _decrypt(self, column: str, stored: bytes | None) -> str | None:
        if stored is None:
            return None
        try:
            return self.key.decrypt(stored, place(self.row, column)).decode()
        except VaultError:
            return None


def as_named(profile: ProfileRow, account_id: str | None) -> ProfileRow:
    """The profile with the id by which a connection's way in names it, where that is not the platform's own."""
    return profile if account_id is None else replace(profile, external_id=account_id)


def place(row: BrowserConnection, column: str) -> Place:
    """Where a column of a connection is encrypted to."""
    return Place("connections", column, row.user_id, row.id)
