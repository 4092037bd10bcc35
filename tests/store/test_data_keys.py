"""Data keys in a real database: made once, moved to new wrapping keys under load, and gone for good when destroyed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import anyio
import anyio.lowlevel
import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from cli.keys import keys
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.errors import VaultError
from shared.store.users import data_keys
from shared.vault import KeyRing, Place, WrappedKey, keyfiles

REPO = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RING = KeyRing.generate(NOW)
Pool = AsyncConnectionPool[WorkerConnection]
Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def make_users(owner: Owner) -> Callable[[int], list[UUID]]:
    def make(count: int) -> list[UUID]:
        rows = owner.execute(
            "insert into auth.users (email, encrypted_password) "
            "select 'user' || n || '@example.org', 'no login' from generate_series(1, %s) n returning id",
            [count],
        )
        return [row["id"] for row in rows]

    return make


def kek_ids(owner: Owner) -> set[str]:
    return {row["kek_id"] for row in owner.execute("select kek_id from public.user_keys")}


async def give_keys(pool: Pool, ring: KeyRing, users: list[UUID]) -> None:
    async with pool.connection() as conn:
        for user_id in users:
            await data_keys.data_key(conn, ring, user_id)


def store_key(conn: Owner, ring: KeyRing, user_id: UUID) -> None:
    wrapped = ring.new_data_key(user_id)
    conn.execute(
        "insert into public.user_keys (user_id, wrapped_key, kek_id) values (%s, %s, %s)",
        [user_id, wrapped.wrapped_key, wrapped.kek_id],
    )


def uri_query(conninfo: str) -> str:
    """The address as the query of a URI, the form that DATABASE_URL takes."""
    return urlencode({name: str(value) for name, value in conninfo_to_dict(conninfo).items()})


async def somebody_waits(owner: Owner) -> None:
    """Return once a statement of this database waits for a lock."""
    waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with anyio.fail_after(30):
        while not owner.execute(waiting).rowcount:
            await anyio.lowlevel.checkpoint()


def secret_of(user_id: UUID) -> Place:
    return Place("connections", "secret", user_id, user_id)


async def test_a_data_key_is_made_at_the_first_call_and_found_at_the_next(worker_pool: Pool, people: Any) -> None:
    async with worker_pool.connection() as conn:
        first = await data_keys.data_key(conn, RING, people.alice)
    async with worker_pool.connection() as conn:
        again = await data_keys.data_key(conn, RING, people.alice)
        bobs = await data_keys.data_key(conn, RING, people.bob)
    assert again == first
    assert bobs.key != first.key


async def test_many_first_calls_at_once_get_one_key(worker_pool: Pool, people: Any) -> None:
    keys: list[bytes] = []

    async def ask(conn: WorkerConnection) -> None:
        keys.append((await data_keys.data_key(conn, RING, people.alice)).key)
        await conn.commit()

    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(worker_pool.connection()) for _ in range(6)]
        async with anyio.create_task_group() as group:
            for conn in connections:
                group.start_soon(ask, conn)
    assert len(keys) == 6
    assert len(set(keys)) == 1


async def test_a_first_call_waits_for_another_that_has_not_committed(
    worker_pool: Pool, owner: Owner, people: Any
) -> None:
    keys: list[bytes] = []
    async with worker_pool.connection() as one, worker_pool.connection() as other:
        first = await data_keys.data_key(one, RING, people.alice)

        async def second() -> None:
            keys.append((await data_keys.data_key(other, RING, people.alice)).key)

        async with anyio.create_task_group() as group:
            group.start_soon(second)
            await somebody_waits(owner)
            await one.commit()
    assert keys == [first.key]


async def test_the_table_holds_no_key_in_the_clear(worker_pool: Pool, owner: Owner, people: Any) -> None:
    async with worker_pool.connection() as conn:
        key = await data_keys.data_key(conn, RING, people.alice)
    row = owner.execute("select wrapped_key, kek_id from public.user_keys").fetchone()
    assert row is not None
    assert key.key not in bytes(row["wrapped_key"])
    assert row["kek_id"] == RING.kek_id


async def test_the_web_can_neither_read_nor_write_keys(
    worker_pool: Pool, web_pool: ConnectionPool[WebConnection], people: Any
) -> None:
    await give_keys(worker_pool, RING, [people.alice])
    web_pool.open()
    for statement in (
        "select user_id from public.user_keys",
        "update public.user_keys set kek_id = 'x'",
        "delete from public.user_keys",
    ):
        for who in (people.alice, None):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, who) as conn:
                conn.execute(statement)


@pytest.mark.parametrize("batch", [1, 3, 7, 500])
async def test_rewrapping_moves_every_key_once_and_keeps_the_data(
    worker_pool: Pool, owner: Owner, make_users: Callable[[int], list[UUID]], batch: int
) -> None:
    users = make_users(7)
    await give_keys(worker_pool, RING, users)
    async with worker_pool.connection() as conn:
        ciphertexts = {u: (await data_keys.data_key(conn, RING, u)).encrypt(u.bytes, secret_of(u)) for u in users}
    rotated = RING.with_new_keys(NOW)
    async with worker_pool.connection() as conn:
        assert await data_keys.rewrap_all(conn, rotated, batch) == 7
        assert await data_keys.rewrap_all(conn, rotated, batch) == 0
        for user_id, ciphertext in ciphertexts.items():
            key = await data_keys.data_key(conn, rotated, user_id)
            assert key.decrypt(ciphertext, secret_of(user_id)) == user_id.bytes
    assert kek_ids(owner) == {rotated.kek_id}
    assert owner.execute("select from public.user_keys where rotated_at is null").rowcount == 0


async def test_a_rewrapping_that_was_stopped_keeps_its_batches_and_goes_on_later(
    worker_pool: Pool, owner: Owner, make_users: Callable[[int], list[UUID]]
) -> None:
    users = sorted(make_users(6))
    await give_keys(worker_pool, RING, users)
    owner.execute("create function public.stop() returns trigger language plpgsql as $$ begin raise 'stop'; end $$")
    owner.execute(
        "create trigger stop before update on public.user_keys for each row "
        f"when (new.user_id = '{users[4]}') execute function public.stop()"
    )
    rotated = RING.with_new_keys(NOW)
    async with worker_pool.connection() as conn:
        with pytest.raises(psycopg.errors.RaiseException):
            await data_keys.rewrap_all(conn, rotated, batch=2)
    moved = owner.execute("select user_id from public.user_keys where kek_id = %s order by 1", [rotated.kek_id])
    assert [row["user_id"] for row in moved] == users[:4]
    owner.execute("drop trigger stop on public.user_keys")
    async with worker_pool.connection() as conn:
        assert await data_keys.rewrap_all(conn, rotated, batch=2) == 2


async def test_rewrapping_waits_for_another_and_does_not_move_its_keys_again(
    worker_pool: Pool, owner: Owner, make_users: Callable[[int], list[UUID]]
) -> None:
    users = make_users(3)
    await give_keys(worker_pool, RING, users)
    rotated = RING.with_new_keys(NOW)
    counts: list[int] = []

    async def rewrap() -> None:
        async with worker_pool.connection() as conn:
            counts.append(await data_keys.rewrap_all(conn, rotated))

    async with anyio.create_task_group() as group:
        with owner.transaction():
            by_another = rotated.new_data_key(users[1])
            owner.execute(
                "update public.user_keys set wrapped_key = %s, kek_id = %s where user_id = %s",
                [by_another.wrapped_key, by_another.kek_id, users[1]],
            )
            group.start_soon(rewrap)
            await somebody_waits(owner)
    assert counts == [2]
    stored = owner.execute("select wrapped_key from public.user_keys where user_id = %s", [users[1]]).fetchone()
    assert stored == {"wrapped_key": by_another.wrapped_key}


async def test_keys_that_do_not_open_are_left_and_told_and_stop_no_others(
    worker_pool: Pool, owner: Owner, make_users: Callable[[int], list[UUID]]
) -> None:
    users = sorted(make_users(3))
    await give_keys(worker_pool, RING, users)
    owner.execute("update public.user_keys set kek_id = 'feedfeedfeedfeed' where user_id <> %s", [users[1]])
    rotated = RING.with_new_keys(NOW)
    async with worker_pool.connection() as conn:
        with pytest.raises(VaultError, match=r"^2 data keys could not be opened .* 1 were moved"):
            await data_keys.rewrap_all(conn, rotated, batch=2)
    assert kek_ids(owner) == {"feedfeedfeedfeed", rotated.kek_id}


async def test_rotation_under_load_disturbs_no_reader_and_writer_and_two_may_run_at_once(
    worker_pool: Pool, owner: Owner, make_users: Callable[[int], list[UUID]]
) -> None:
    users = make_users(40)
    await give_keys(worker_pool, RING, users[:30])
    rings = [RING]
    ciphertexts: dict[UUID, bytes] = {}
    rounds, done = [anyio.Event()], anyio.Event()

    async def work(offset: int) -> None:
        while not done.is_set():
            for user_id in users[offset::2]:
                async with worker_pool.connection() as conn:
                    # As a worker that was started before the rotation and finds the new keys in the file.
                    ring = KeyRing(RING.opening, RING.wrapping, reread=lambda: rings[-1])
                    key = await data_keys.data_key(conn, ring, user_id)
                if user_id in ciphertexts:
                    assert key.decrypt(ciphertexts[user_id], secret_of(user_id)) == user_id.bytes
                ciphertexts[user_id] = key.encrypt(user_id.bytes, secret_of(user_id))
            rounds[-1].set()
            rounds.append(anyio.Event())

    async def rewrap(ring: KeyRing) -> None:
        async with worker_pool.connection() as conn:
            await data_keys.rewrap_all(conn, ring, batch=4)

    async with anyio.create_task_group() as load:
        load.start_soon(work, 0)
        load.start_soon(work, 1)
        for _ in range(3):
            rings.append(rings[-1].with_new_keys(NOW))
            async with anyio.create_task_group() as group:
                group.start_soon(rewrap, rings[-1])
                group.start_soon(rewrap, rings[-1])
            for _ in range(2):
                await rounds[-1].wait()
        done.set()
    await rewrap(rings[-1])
    assert len(ciphertexts) == 40
    assert kek_ids(owner) == {rings[-1].kek_id}
    async with worker_pool.connection() as conn:
        for user_id, ciphertext in ciphertexts.items():
            key = await data_keys.data_key(conn, rings[-1], user_id)
            assert key.decrypt(ciphertext, secret_of(user_id)) == user_id.bytes


async def test_what_was_encrypted_with_a_destroyed_key_opens_no_more(worker_pool: Pool, people: Any) -> None:
    place = Place("connections", "secret", people.alice, uuid4())
    async with worker_pool.connection() as conn:
        ciphertext = (await data_keys.data_key(conn, RING, people.alice)).encrypt(b"cookie", place)
        bobs = await data_keys.data_key(conn, RING, people.bob)
        await data_keys.destroy(conn, people.alice)
        fresh = await data_keys.data_key(conn, RING, people.alice)
        with pytest.raises(VaultError):
            fresh.decrypt(ciphertext, place)
        assert await data_keys.data_key(conn, RING, people.bob) == bobs


async def test_deleting_a_user_destroys_their_key(worker_pool: Pool, owner: Owner, people: Any) -> None:
    await give_keys(worker_pool, RING, [people.alice, people.bob])
    owner.execute("delete from auth.users where id = %s", [people.alice])
    assert [row["user_id"] for row in owner.execute("select user_id from public.user_keys")] == [people.bob]


def test_keys_rotate_rewraps_the_data_keys_of_a_database_of_ones_own(
    owner: Owner, database: Any, people: Any, tmp_path: Path
) -> None:
    ring = keyfiles.create(tmp_path, NOW)
    store_key(owner, ring, people.alice)
    store_key(owner, ring, people.bob)
    environment = {"ROLLCALL_DATA_DIR": str(tmp_path), "DATABASE_URL": f"postgresql:///?{uri_query(database.worker)}"}
    result = CliRunner(env=environment).invoke(keys, ["rotate"])
    assert result.exit_code == 0, result.output
    assert "Re-wrapped 2 data keys" in result.output
    assert "Back that file up" in result.output
    assert kek_ids(owner) == {keyfiles.load(tmp_path).kek_id} != {ring.kek_id}
    again = CliRunner(env=environment).invoke(keys, ["rewrap"])
    assert "Re-wrapped 0 data keys" in again.output


def test_keys_rewrap_as_the_webs_role_changes_nothing_and_says_so(
    owner: Owner, database: Any, people: Any, tmp_path: Path
) -> None:
    ring = keyfiles.create(tmp_path, NOW)
    store_key(owner, ring, people.alice)
    environment = {"ROLLCALL_DATA_DIR": str(tmp_path), "DATABASE_URL": f"postgresql:///?{uri_query(database.web)}"}
    result = CliRunner(env=environment).invoke(keys, ["rotate"])
    assert result.exit_code == 1
    assert "They still open." in result.output
    assert kek_ids(owner) == {ring.kek_id}
    stored = owner.execute("select wrapped_key, kek_id from public.user_keys").fetchone()
    assert stored is not None
    keyfiles.load(tmp_path).unwrap(WrappedKey(**stored), people.alice)


def test_keys_rotate_rewraps_the_data_keys_of_the_embedded_database_while_it_runs(tmp_path: Path) -> None:
    ring = keyfiles.create(tmp_path, NOW)
    with embedded_database(tmp_path, durable=False) as url:
        migrate(url)
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as conn:
            row = conn.execute(
                "insert into auth.users (email, encrypted_password) values ('a@example.org', '-') returning id"
            ).fetchone()
            assert row is not None
            store_key(conn, ring, row["id"])
            program = "from cli.keys import keys; keys(['rotate'])"
            environment = {**os.environ, "ROLLCALL_DATA_DIR": str(tmp_path), "PYTHONPATH": str(REPO)}
            done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            assert "Re-wrapped 1 data key under" in done.stdout
            assert kek_ids(conn) == {keyfiles.load(tmp_path).kek_id} != {ring.kek_id}
