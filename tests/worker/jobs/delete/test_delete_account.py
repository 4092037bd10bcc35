"""Leaving: from the moment it is said nothing opens any more, and in the end nothing is left; no one else notices."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import sql
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobKind
from shared.errors import Draining, LeaseLost, Permanent, Transient, VaultError
from shared.files.folder import FolderFiles
from shared.settings import load
from shared.store.deletion import delete_account as erasure
from shared.store.files import account_exports
from shared.store.users import data_keys
from tests.conftest import Personas
from tests.worker.export_data import NOW, Data, Owner
from tests.worker.furnishing import furnish
from tests.worker.handling import Pool, claim, services_for, taken_over
from worker.accounts import SupabaseAccounts, accounts
from worker.jobs.delete import delete_account as erase
from worker.jobs.files import account_export
from worker.runner.attempt import Rules, attempt
from worker.services import Services

WebPool = ConnectionPool[WebConnection]


@dataclass
class House:
    """Alice, who leaves, and Bob, who stays; each with something in every table and two files."""

    owner: Owner
    web: WebPool
    services: Services
    people: Personas
    folder: Path

    def left(self, user: UUID) -> dict[str, int]:
        rows = self.owner.execute(
            "select table_schema, table_name from information_schema.columns c join information_schema.tables t"
            " using (table_schema, table_name) where column_name = 'user_id' and table_type = 'BASE TABLE'"
            " and table_schema in ('public', 'rollcall')"
        ).fetchall()
        found = {}
        for row in rows:
            place = sql.Identifier(row["table_schema"], row["table_name"])
            statement = sql.SQL("select count(*) as n from {} where user_id = %s").format(place)
            counted = self.owner.execute(statement, (user,)).fetchone()
            found[row["table_name"]] = counted["n"] if counted else 0
        accounts = self.owner.execute("select count(*) as n from auth.users where id = %s", (user,)).fetchone()
        return found | {"auth.users": accounts["n"] if accounts else 0}

    def files(self) -> set[str]:
        return {p.relative_to(self.folder).parts[0] for p in self.folder.rglob("*") if p.is_file()}

    def leave(self) -> UUID:
        with tenant(self.web, self.people.alice) as conn:
            return erasure.leave(conn)


@pytest.fixture
async def house(
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
    worker_pool: Pool,
    web_pool: WebPool,
    tmp_path: Path,
) -> House:
    services = replace(services_for(worker_pool), files=FolderFiles(tmp_path / "exports"))
    for user, name in ((people.alice, "ada.test"), (people.bob, "bob.test")):
        await furnish(Data(owner, user, make_profile(user, name, observed_at=NOW)), services, make_job)
        owner.execute(
            "insert into web_sessions (user_id, token_hash, expires_at) values (%s, %s, now() + interval '1 day')",
            (user, str(user).encode()),
        )
        owner.execute("insert into second_factors (user_id, secret) values (%s, 'x')", (user,))
        owner.execute(
            "insert into oauth_states (user_id, session_id, state_hash, provider, platform, way_in, redirect_uri,"
            " expires_at) select user_id, id, sha256(id::text::bytea), 'google', 'youtube', 'google', 'x', now()"
            " from web_sessions where user_id = %s",
            (user,),
        )
        with tenant(web_pool, user) as conn:
            account_exports.request(conn)
        await account_export.run(await claim(worker_pool, [JobKind.ACCOUNT_EXPORT]), services)
    owner.execute("update sync_jobs set state = 'COMPLETED' where state = 'RUNNING'")
    return House(owner, web_pool, services, people, tmp_path / "exports")


async def test_nothing_is_left_and_nobody_else_notices(house: House) -> None:
    before = house.left(house.people.bob)
    full = house.left(house.people.alice)
    assert all(count for table, count in full.items() if table != "account_deletions"), full
    house.leave()
    await erase.run(await claim(house.services.pool), house.services, batch=5)
    assert not any(house.left(house.people.alice).values())
    assert house.left(house.people.bob) == before
    assert house.files() == {str(house.people.bob)}


async def test_at_once_the_key_is_destroyed_every_session_ended_and_all_work_stopped(
    house: House, make_job: Callable[..., UUID]
) -> None:
    (profile,) = house.owner.execute("select id from profiles where user_id = %s", (house.people.alice,)).fetchall()
    waiting = make_job(house.people.alice, profile["id"], "SYNC_MEDIA")
    house.leave()
    left = house.left(house.people.alice)
    assert (left["user_keys"], left["web_sessions"], left["second_factors"]) == (0, 0, 0)
    row = house.owner.execute("select state from sync_jobs where id = %s", (waiting,)).fetchone()
    assert row == {"state": "CANCELLED"}
    assert house.owner.execute("select state from profiles where id = %s", (profile["id"],)).fetchone() == {
        "state": "DELETING"
    }


async def test_a_worker_that_is_late_finds_no_key_and_makes_none(house: House) -> None:
    house.leave()
    async with house.services.pool.connection() as conn:
        with pytest.raises(VaultError, match="destroyed"):
            await data_keys.data_key(conn, house.services.keyring, house.people.alice)
    assert house.left(house.people.alice)["user_keys"] == 0


async def test_no_session_begins_for_who_has_left(house: House) -> None:
    house.leave()
    house.owner.execute(
        "select rollcall.session_open(%s, 'x', interval '1 day', null, null)", (house.people.alice,)
    ).fetchall()
    assert house.left(house.people.alice)["web_sessions"] == 0


@pytest.mark.parametrize("stop_after", [0, 3, 12, 30])
async def test_it_goes_on_where_it_was_stopped(house: House, stop_after: int) -> None:
    house.leave()
    first, looks = await claim(house.services.pool), 0

    def stop() -> None:
        nonlocal looks
        looks += 1
        if looks > stop_after:
            raise Draining

    first.check = stop  # type: ignore[method-assign]
    with pytest.raises(Draining):
        await erase.run(first, house.services, batch=5)
    second = await taken_over(house.services.pool, first)
    with pytest.raises(LeaseLost):
        await erase.run(first, house.services, batch=5)
    await erase.run(second, house.services, batch=5)
    assert not any(house.left(house.people.alice).values())


async def test_asking_twice_is_asking_once(house: House) -> None:
    assert house.leave() == house.leave()


async def test_an_account_that_nobody_leaves_is_left_alone(house: House, make_job: Callable[..., UUID]) -> None:
    before = house.left(house.people.alice)
    make_job(house.people.alice, None, "DELETE_ACCOUNT")
    with pytest.raises(Permanent, match="not being deleted"):
        await erase.run(await claim(house.services.pool), house.services)
    after = house.left(house.people.alice)
    assert {name: count for name, count in after.items() if not name.startswith("sync_")} == {
        name: count for name, count in before.items() if not name.startswith("sync_")
    }


async def test_nobody_deletes_an_account_whose_owner_stays(house: House) -> None:
    await accounts(house.services).delete(house.people.bob)
    assert house.left(house.people.bob)["auth.users"] == 1


async def test_the_job_that_goes_with_its_account_is_not_called_lost(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.leave()
    ctx = await claim(house.services.pool)
    rules = Rules(RetryPolicy(NOW - NOW, NOW - NOW, NOW - NOW), NOW - NOW)

    async def handler(context: Any) -> None:
        await erase.run(context, house.services)

    await attempt(ctx, handler, rules, house.services.pool)
    told = capsys.readouterr().out
    assert "account_erased" in told
    assert "job_lost" not in told


async def test_who_is_leaving_and_has_no_job_is_given_another(house: House) -> None:
    job = house.leave()
    async with house.services.pool.connection() as conn:
        assert await erasure.enqueue_again(conn) == 0
    await claim(house.services.pool)
    house.owner.execute("update sync_jobs set state = 'FAILED', ended_at = now() where id = %s", (job,))
    async with house.services.pool.connection() as conn:
        assert await erasure.enqueue_again(conn) == 0
    house.owner.execute("update sync_jobs set ended_at = now() - interval '2 hours' where id = %s", (job,))
    async with house.services.pool.connection() as conn:
        assert await erasure.enqueue_again(conn) == 1
    await erase.run(await claim(house.services.pool), house.services)
    assert not any(house.left(house.people.alice).values())


async def test_the_address_is_free_at_once(house: House) -> None:
    house.leave()
    row = house.owner.execute("select rollcall.identity_create('alice@example.org', 'hash') as id").fetchone()
    assert row is not None
    assert row["id"] not in (None, house.people.alice)


class _Auth(BaseHTTPRequestHandler):
    """The admin route of Supabase Auth, for one user: 200, 404 for no one, 403 for a wrong key."""

    asked: list[tuple[str, str | None]]
    known: set[str]
    failing = False

    def do_DELETE(self) -> None:
        self.asked.append((self.path, self.headers.get("apikey")))
        user = self.path.rsplit("/", 1)[1]
        if self.failing:
            return self._say(503, b"{}")
        if self.headers.get("apikey") != "sb_secret_right":
            return self._say(403, b'{"code": "not_admin", "message": "User not allowed"}')
        if user not in self.known:
            return self._say(404, b'{"code": "user_not_found", "message": "User not found"}')
        self.known.discard(user)
        return self._say(200, b"{}")

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("X-Supabase-Api-Version", "2024-01-01")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@contextmanager
def _supabase(known: set[str], *, failing: bool = False) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    asked: list[tuple[str, str | None]] = []
    handler = type("Auth", (_Auth,), {"asked": asked, "known": known, "failing": failing})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_at_supabase_the_account_is_deleted_by_the_admin_interface_and_twice_is_no_error() -> None:
    user = uuid4()
    with _supabase({str(user)}) as (url, asked):
        at_supabase = SupabaseAccounts(url, "sb_secret_right")
        await at_supabase.delete(user)
        await at_supabase.delete(user)
    assert asked == [(f"/auth/v1/admin/users/{user}", "sb_secret_right")] * 2


async def test_a_wrong_secret_key_is_said_and_an_outage_is_tried_again() -> None:
    with _supabase(set()) as (url, _), pytest.raises(Permanent, match="did not let the worker") as caught:
        await SupabaseAccounts(url, "sb_secret_wrong").delete(uuid4())
    assert "SUPABASE_SECRET_KEY" in caught.value.next_step
    with _supabase(set(), failing=True) as (url, _), pytest.raises(Transient):
        await SupabaseAccounts(url, "sb_secret_right").delete(uuid4())


async def test_a_worker_without_the_secret_key_says_what_it_needs(house: House) -> None:
    hosted = replace(house.services, settings=load({}, supabase_url="https://example.supabase.co"))
    with pytest.raises(Permanent) as caught:
        accounts(hosted)
    assert "SUPABASE_SECRET_KEY" in caught.value.next_step
