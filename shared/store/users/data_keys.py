"""The users' data keys, one row each, wrapped by the worker's key ring. Only the worker reads or writes them."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from shared.db.pools import WorkerConnection
from shared.errors import VaultError
from shared.vault import DataKey, KeyRing, WrappedKey

_SELECT: LiteralString = "select wrapped_key, kek_id from public.user_keys where user_id = %s"

_INSERT: LiteralString = """
    insert into public.user_keys (user_id, wrapped_key, kek_id) values (%s, %s, %s) on conflict (user_id) do nothing
"""

_STALE_PAGE: LiteralString = """
    select user_id from public.user_keys
    where kek_id <> %(kek_id)s and (%(last)s::uuid is null or user_id > %(last)s)
    order by user_id limit %(batch)s
"""

_STALE_LOCKED: LiteralString = """
    select wrapped_key, kek_id from public.user_keys where user_id = %s and kek_id <> %s for update
"""

_REPLACE: LiteralString = (
    "update public.user_keys set wrapped_key = %s, kek_id = %s, rotated_at = now() where user_id = %s"
)


async def data_key(conn: WorkerConnection, ring: KeyRing, user_id: UUID) -> DataKey:
    """Return the user's data key, made at the first call; two concurrent first calls get the same one.

    Raises VaultError when the ring does not open the stored key.
    """
    stored = await _stored(conn, user_id)
    if stored is None:
        fresh = ring.new_data_key(user_id)
        await conn.execute(_INSERT, [user_id, fresh.wrapped_key, fresh.kek_id])
        stored = await _stored(conn, user_id)
    if stored is None:
        raise VaultError("The user's data key was destroyed while it was being made.", next_step="")
    return ring.unwrap(stored, user_id)


async def rewrap_all(conn: WorkerConnection, ring: KeyRing, batch: int = 500) -> int:
    """Put every data key under the ring's current key, `batch` per transaction, and return the number of moved ones.

    Needs a connection outside a transaction. Moved keys stay moved after a stop, and readers or a second call may run
    at the same time. Keys that do not open stay as they are; after the others a VaultError gives their number.
    """
    moved, broken = 0, 0
    last: UUID | None = None
    while True:
        async with conn.transaction():
            users = await _stale_after(conn, ring, last, batch)
            for user_id in users:
                try:
                    moved += await _rewrap(conn, ring, user_id)
                except VaultError:
                    broken += 1
        if not users:
            break
        last = users[-1]
    if broken:
        raise VaultError(
            f"{broken} data keys could not be opened and were left as they are; {moved} were moved.",
            next_step="Run `rollcall keys rewrap` with a ring that holds their older keys, from the backup.",
        )
    return moved


async def destroy(conn: WorkerConnection, user_id: UUID) -> None:
    """Delete the user's data key; data encrypted with it never opens again."""
    await conn.execute("delete from public.user_keys where user_id = %s", [user_id])


async def _stored(conn: WorkerConnection, user_id: UUID) -> WrappedKey | None:
    async with conn.cursor(row_factory=class_row(WrappedKey)) as cursor:
        return await (await cursor.execute(_SELECT, [user_id])).fetchone()


async def _stale_after(conn: WorkerConnection, ring: KeyRing, last: UUID | None, batch: int) -> list[UUID]:
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(_STALE_PAGE, {"kek_id": ring.kek_id, "last": last, "batch": batch})
        return [user_id async for user_id in cursor]


async def _rewrap(conn: WorkerConnection, ring: KeyRing, user_id: UUID) -> int:
    async with conn.cursor(row_factory=class_row(WrappedKey)) as cursor:
        stored = await (await cursor.execute(_STALE_LOCKED, [user_id, ring.kek_id])).fetchone()
        if stored is None:
            return 0
        fresh = ring.rewrap(stored, user_id)
        await cursor.execute(_REPLACE, [fresh.wrapped_key, fresh.kek_id, user_id])
        return 1
