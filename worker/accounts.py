"""Removes a user's account itself: from our own `auth.users`, or through Supabase Auth's admin interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import LiteralString, Protocol
from uuid import UUID

from shared.errors import Permanent, Transient
from worker.services import Pool, Services

_DELETE: LiteralString = "select rollcall.identity_delete(%s)"


class Accounts(Protocol):
    """Removes accounts and, by the keys of the tables, everything still stored of them."""

    async def delete(self, user_id: UUID) -> None:
        """Removes the account; a missing one is no error. Raises Transient or Permanent."""
        ...


@dataclass(frozen=True, slots=True)
class EmbeddedAccounts:
    """`auth.users` in our own database, through a function that deletes only users who asked for it."""

    pool: Pool

    async def delete(self, user_id: UUID) -> None:
        async with self.pool.connection() as conn:
            await conn.execute(_DELETE, [user_id])


@dataclass(frozen=True, slots=True)
class SupabaseAccounts:
    """Supabase Auth, with the project's secret key and no user's session."""

    url: str
    secret_key: str = field(repr=False)

    async def delete(self, user_id: UUID) -> None:
        # Loaded by the first such job, because the embedded form never needs it.
        import httpx
        from supabase_auth.errors import AuthApiError, AuthError, AuthRetryableError

        from supabase import AsyncClientOptions, create_async_client

        try:
            # Passed in, because the client does not close connections that it opens itself.
            async with httpx.AsyncClient() as connections:
                options = AsyncClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=connections)
                client = await create_async_client(self.url, self.secret_key, options)
                await client.auth.admin.delete_user(str(user_id))
        except AuthApiError as error:
            if error.code == "user_not_found" or error.status == 404:
                return
            raise _refused(error.status) from error
        except (AuthRetryableError, httpx.HTTPError) as error:
            raise Transient("Supabase Auth did not answer.") from error
        except AuthError as error:
            raise Transient("Supabase Auth gave an answer that Rollcall does not understand.") from error


def accounts(services: Services) -> Accounts:
    """The `Accounts` of this installation."""
    settings = services.settings
    if settings.supabase_url is None:
        return EmbeddedAccounts(services.pool)
    if settings.supabase_secret_key is None:
        raise Permanent(
            "The worker may not delete accounts.", next_step="Give it SUPABASE_SECRET_KEY; the rest is done then."
        )
    return SupabaseAccounts(settings.supabase_url, settings.supabase_secret_key)


def _refused(status: int) -> Transient | Permanent:
    if status in (401, 403):
        return Permanent(
            "Supabase Auth did not let the worker delete the account.",
            next_step="Check SUPABASE_SECRET_KEY; the rest is done once it is right.",
        )
    return Transient(f"Supabase Auth could not delete the account (status {status}).")
