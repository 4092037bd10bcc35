"""All of a person's data as one ZIP: whole, theirs alone, without secrets, and no table forgotten."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import psutil
import pytest
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.domain.jobs import JobKind
from shared.errors import Cancelled
from shared.files.folder import FolderFiles
from shared.store.files import account_exports
from tests.conftest import Personas
from tests.worker.export_data import NOW, Data, Owner
from tests.worker.furnishing import furnish
from tests.worker.handling import SECRET, Pool, claim, services_for
from worker.exports.account_tables import LEFT_OUT, TABLES, readme
from worker.jobs.files import account_export
from worker.services import Services

WebPool = ConnectionPool[WebConnection]
ENCRYPTED = ("bytea", "_bytea")


@pytest.fixture
def services(worker_pool: Pool, tmp_path: Path) -> Services:
    return replace(services_for(worker_pool), files=FolderFiles(tmp_path / "exports"))


@pytest.fixture
async def alice(
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
    services: Services,
) -> Data:
    """Alice and Bob, each with something in every table; Bob's must never show."""
    both = [
        Data(owner, user, make_profile(user, name, observed_at=NOW))
        for user, name in ((people.alice, "ada.test"), (people.bob, "bob.test"))
    ]
    for data in both:
        await furnish(data, services, make_job)
        owner.execute(
            "insert into web_sessions (user_id, token_hash, expires_at, user_agent)"
            " values (%s, %s, now() + interval '1 day', 'Firefox')",
            (data.user_id, f"token-{data.user_id}".encode()),
        )
        owner.execute("insert into second_factors (user_id, secret) values (%s, 'x')", (data.user_id,))
        owner.execute(
            "insert into oauth_states (user_id, session_id, state_hash, provider, platform, way_in, redirect_uri,"
            " expires_at) select user_id, id, sha256(id::text::bytea), 'google', 'youtube', 'google', 'x', now()"
            " from web_sessions where user_id = %s",
            (data.user_id,),
        )
    return both[0]


def _request(pool: WebPool, user: UUID) -> UUID:
    with tenant(pool, user) as conn:
        return account_exports.request(conn)


async def _made(pool: WebPool, services: Services, user: UUID) -> ZipFile:
    request = _request(pool, user)
    await account_export.run(await claim(services.pool, [JobKind.ACCOUNT_EXPORT]), services)
    with tenant(pool, user) as conn:
        export = account_exports.newest(conn, user, request)
    assert export is not None
    assert export.ready
    assert export.path is not None
    with services.files.open_reader(export.path) as file:
        return ZipFile(BytesIO(file.read()))


def _rows(archive: ZipFile, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"{table}.jsonl").decode().splitlines()]


def _columns(owner: Owner) -> list[dict[str, Any]]:
    return owner.execute(
        "select c.table_name as table, c.column_name as column, c.udt_name as type"
        " from information_schema.columns c join information_schema.tables t using (table_schema, table_name)"
        " where c.table_schema = 'public' and t.table_type = 'BASE TABLE'"
    ).fetchall()


async def test_every_table_that_knows_a_user_is_in_it_or_left_out_for_a_reason(owner: Owner) -> None:
    known = {row["table"] for row in _columns(owner) if row["column"] == "user_id"}
    assert known == {table.name for table in TABLES} | LEFT_OUT.keys()


async def test_every_encrypted_or_hashed_column_is_left_out(owner: Owner) -> None:
    secret = {(row["table"], row["column"]) for row in _columns(owner) if row["type"] in ENCRYPTED}
    left_out = {(table.name, column) for table in TABLES for column in table.without}
    assert left_out == {place for place in secret if place[0] not in LEFT_OUT}


async def test_it_holds_every_row_of_its_owner_and_nothing_of_anybody_else(
    alice: Data, people: Personas, web_pool: WebPool, services: Services, owner: Owner
) -> None:
    archive = await _made(web_pool, services, people.alice)
    assert archive.testzip() is None
    for table in TABLES:
        rows = _rows(archive, table.name)
        assert rows, f"furnish {table.name}"
        assert {row["user_id"] for row in rows} == {str(people.alice)}
    assert len(_rows(archive, "people")) == 12
    (account,) = _rows(archive, "account")
    assert (account["id"], account["email"]) == (str(people.alice), "alice@example.org")
    assert str(people.bob) not in "".join(archive.read(name).decode() for name in archive.namelist())


async def test_no_secret_is_in_it_and_the_readme_says_what_is_missing(
    alice: Data, people: Personas, web_pool: WebPool, services: Services
) -> None:
    archive = await _made(web_pool, services, people.alice)
    (connection,) = _rows(archive, "connections")
    assert not {"secret", "totp_secret", "login_secret"} & connection.keys()
    assert "token_hash" not in _rows(archive, "web_sessions")[0]
    whole = "".join(archive.read(name).decode() for name in archive.namelist())
    assert SECRET.text not in whole
    told = archive.read("README.txt").decode()
    assert "connections: secret, totp_secret, login_secret" in told
    assert "user_keys: your data key" in told
    assert "people.jsonl  12 rows" in told


async def test_a_second_wish_is_the_one_under_way(people: Personas, web_pool: WebPool, owner: Owner) -> None:
    assert _request(web_pool, people.alice) == _request(web_pool, people.alice)
    assert _request(web_pool, people.bob) != _request(web_pool, people.alice)
    assert owner.execute("select count(*) as n from sync_jobs").fetchone() == {"n": 2}


async def test_a_cancelled_file_leaves_nothing(
    alice: Data, people: Personas, web_pool: WebPool, services: Services, tmp_path: Path
) -> None:
    before = sorted(p for p in tmp_path.rglob("*") if p.is_file())
    _request(web_pool, people.alice)
    ctx = await claim(services.pool, [JobKind.ACCOUNT_EXPORT])
    ctx.stop(Cancelled())
    with pytest.raises(Cancelled):
        await account_export.run(ctx, services)
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == before


@pytest.mark.slow
async def test_memory_stays_flat_however_much_there_is(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], web_pool: WebPool, services: Services
) -> None:
    profile = make_profile(people.alice)
    owner.execute(
        "insert into people (user_id, profile_id, platform_id, username, full_name, first_seen_at, updated_at)"
        " select %s, %s, n::text, 'name' || n, repeat(md5(n::text), 12), now(), now()"
        " from generate_series(1, 200000) n",
        (people.alice, profile),
    )
    # What any export takes for the first time, modules and buffers, belongs to none.
    _request(web_pool, people.bob)
    await account_export.run(await claim(services.pool, [JobKind.ACCOUNT_EXPORT]), services)
    process = psutil.Process(os.getpid())
    _request(web_pool, people.alice)
    before = process.memory_info().rss
    await account_export.run(await claim(services.pool, [JobKind.ACCOUNT_EXPORT]), services)
    grown = process.memory_info().rss - before
    assert grown < 40_000_000, f"{grown} bytes more for 140 MB of rows"


def test_the_readme_names_every_table() -> None:
    told = readme({table.name: 0 for table in TABLES}, "now")
    assert all(f"{table.name}.jsonl" in told for table in TABLES)
