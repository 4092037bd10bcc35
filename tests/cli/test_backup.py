"""The runbook of docs/backup.md: back up while Rollcall works, restore elsewhere, and everything opens."""

import asyncio
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from cli.ops.launcher import house, part, running
from shared.db import pools, programs, roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.settings import load
from shared.store.users import data_keys
from shared.vault import KeyRing, Place, keyfiles
from tests.conftest import REPO, Database, Personas
from tests.rig.scratch import scratch

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
SESSION = b"the session of Alice"


@dataclass
class Kept:
    """A backup that was made while a worker was at work, and what is in it."""

    folder: Path
    keys: Path
    connection: UUID
    user: UUID
    said: str


def _rollcall(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ROLLCALL_DATA_DIR": str(data_dir)}
    command = [sys.executable, str(REPO / "rollcall.py"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=600)


async def _store_session(url: str, ring: KeyRing, user: UUID, connection: UUID) -> None:
    async with pools.worker_pool(roles.address(url, roles.WORKER), 1) as pool, pool.connection() as conn:
        key = await data_keys.data_key(conn, ring, user)
        encrypted = key.encrypt(SESSION, Place("connections", "secret", user, connection))
        await conn.execute("update public.connections set secret = %s where id = %s", (encrypted, connection))


async def _opened(url: str, ring: KeyRing, kept: Kept) -> bytes:
    roles.allow_login(url, roles.WORKER)
    async with pools.worker_pool(roles.address(url, roles.WORKER), 1) as pool, pool.connection() as conn:
        key = await data_keys.data_key(conn, ring, kept.user)
        row = await (
            await conn.execute("select secret from public.connections where id = %s", (kept.connection,))
        ).fetchone()
        assert row is not None
        return key.decrypt(row["secret"], Place("connections", "secret", kept.user, kept.connection))


def _one(conn: psycopg.Connection[dict[str, Any]], statement: str, *values: object) -> Any:
    row = conn.execute(statement, values).fetchone()
    assert row is not None
    return next(iter(row.values()))


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    with scratch("rc") as place:
        data_dir, folder, keys = Path(place, "data"), Path(place, "backup"), Path(place, "safe", "keys")
        with house(load({}, data_dir=data_dir)) as ready:
            with psycopg.connect(ready.owner_url, autocommit=True, row_factory=dict_row) as conn:
                user = _one(
                    conn, "insert into auth.users (email, encrypted_password) values ('a@b.c', 'x') returning id"
                )
                profile = _one(
                    conn,
                    "insert into profiles (user_id, platform, username, state)"
                    " values (%s, 'instagram', 'a', 'CONNECTED') returning id",
                    user,
                )
                connection = _one(
                    conn,
                    "insert into connections (user_id, profile_id, method) values (%s, %s, 'browser') returning id",
                    user,
                    profile,
                )
                conn.execute(
                    "insert into people (user_id, profile_id, platform_id, username, first_seen_at, updated_at)"
                    " select %s, %s, n::text, 'n' || n, now(), now() from generate_series(1, 5000) n",
                    (user, profile),
                )
                ring = keyfiles.load_or_create(data_dir, datetime.now(UTC))
                asyncio.run(_store_session(ready.owner_url, ring, user, connection))
                conn.execute(
                    "insert into sync_jobs (user_id, profile_id, kind) values (%s, %s, 'DERIVE')", (user, profile)
                )
            with running([part("worker", ready.worker_env)], grace=20):
                made = _rollcall(data_dir, "backup", str(folder), "--keys", str(keys))
        assert made.returncode == 0, made.stderr
        yield Kept(folder, keys, connection, user, made.stdout)


def test_a_backup_is_its_owners_alone_and_a_second_one_does_not_overwrite_it(kept: Kept, tmp_path: Path) -> None:
    assert "keep the keys somewhere else" in kept.said
    here = [kept.folder, *kept.folder.rglob("*"), kept.keys, *kept.keys.rglob("*")]
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in here}
    assert {modes[name] for name in ("database.dump", "worker-keys.json", "web-secret.txt")} == {0o600}
    assert modes["backup"] == modes["keys"] == 0o700
    again = _rollcall(tmp_path, "backup", str(kept.folder), "--keys", str(tmp_path / "k"))
    assert "already" in again.stderr
    assert "already" in _rollcall(tmp_path, "backup", str(tmp_path / "b"), "--keys", str(kept.keys)).stderr
    assert not (tmp_path / "postgres").exists()


def test_the_dump_and_the_keys_do_not_lie_together(kept: Kept, tmp_path: Path) -> None:
    assert sorted(p.name for p in kept.folder.iterdir()) == ["backup.json", "database.dump"]
    ring = keyfiles.load(kept.keys.parent)
    assert [p for p in kept.folder.iterdir() if ring.to_json().encode() in p.read_bytes()] == []
    for keys in (tmp_path / "b", tmp_path / "b" / "keys", tmp_path):
        refused = _rollcall(tmp_path, "backup", str(tmp_path / "b"), "--keys", str(keys))
        assert "may not lie in the same folder" in refused.stderr
    assert "--keys" in _rollcall(tmp_path, "backup", str(tmp_path / "b")).stderr
    assert "There are no keys in" in _rollcall(tmp_path / "data", "restore", str(kept.folder)).stderr
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_an_earlier_version_has_its_keys_inside(kept: Kept) -> None:
    with scratch("rc") as place:
        old = Path(place, "old")
        shutil.copytree(kept.folder, old)
        shutil.copytree(kept.keys, old / "keys")
        done = _rollcall(Path(place, "data"), "restore", str(old))
        assert done.returncode == 0, done.stderr


def test_it_is_restored_elsewhere_with_every_row_and_the_stored_session_opens(kept: Kept) -> None:
    with scratch("rc") as place:
        fresh = Path(place, "data")
        done = _rollcall(fresh, "restore", str(kept.folder), "--keys", str(kept.keys))
        assert done.returncode == 0, done.stderr
        assert "rollcall up" in done.stdout
        with embedded_database(fresh) as url:
            assert asyncio.run(_opened(url, keyfiles.load(fresh), kept)) == SESSION
            with psycopg.connect(url, row_factory=dict_row) as conn:
                assert _one(conn, "select count(*) from people") == 5000
        with house(load({}, data_dir=fresh)) as ready, psycopg.connect(ready.web_env["DATABASE_URL"]) as conn:
            roles.require_row_security(conn)
        assert "already" in _rollcall(fresh, "restore", str(kept.folder), "--keys", str(kept.keys)).stderr


def test_a_backup_from_before_the_baseline_is_refused_and_nothing_is_left(kept: Kept) -> None:
    with scratch("rc") as place:
        older, fresh = Path(place, "older"), Path(place, "data")
        assert _rollcall(older, "restore", str(kept.folder), "--keys", str(kept.keys)).returncode == 0
        with embedded_database(older) as url, psycopg.connect(url) as conn:
            conn.execute("insert into supabase_migrations.schema_migrations (version) values ('20261120000001')")
        made = _rollcall(older, "backup", str(Path(place, "b")), "--keys", str(Path(place, "k")))
        assert made.returncode == 0, made.stderr
        done = _rollcall(fresh, "restore", str(Path(place, "b")), "--keys", str(Path(place, "k")))
        assert done.returncode == 1
        assert "from before the first release" in done.stderr
        assert not (fresh / "postgres").exists()
        assert not (fresh / "keys").exists()


def test_keys_of_another_installation_are_noticed_and_nothing_is_left(kept: Kept) -> None:
    with scratch("rc") as place:
        mixed, fresh = Path(place, "mixed"), Path(place, "data")
        keyfiles.create(mixed, datetime.now(UTC))
        done = _rollcall(fresh, "restore", str(kept.folder), "--keys", str(mixed / "keys"))
        assert done.returncode == 1
        assert "These keys are not those of this database: 1 of its data keys do not open." in done.stderr
        assert not (fresh / "postgres").exists()
        assert not (fresh / "keys").exists()


def test_the_commands_for_a_database_of_your_own_bring_every_row_back(
    database: Database, owner: Owner, postgres: str, people: Personas, tmp_path: Path
) -> None:
    """As docs/backup.md writes them."""
    text = (REPO / "docs" / "backup.md").read_text(encoding="utf-8")
    (dump,) = re.findall(r"^    pg_dump (.*)$", text, re.M)
    (back,) = re.findall(r"^    pg_restore (.*)$", text, re.M)
    name = f"back_{uuid4().hex[:8]}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            fresh = roles.address(make_conninfo(postgres, dbname=name), "postgres")
            for program, line, url in (
                ("pg_dump", dump, roles.address(database.owner, "postgres")),
                ("pg_restore", back, fresh),
            ):
                words = shlex.split(line.replace("rollcall.dump", str(tmp_path / "rollcall.dump")))
                programs.run(program, *(word.replace("$OWNER_URL", url) for word in words))
            assert migrate(fresh) == []
            with psycopg.connect(fresh, row_factory=dict_row) as restored:
                emails = restored.execute("select email from auth.users order by 1").fetchall()
                assert [row["email"].split("@")[0] for row in emails] == ["alice", "bob", "charlie"]
            with psycopg.connect(roles.address(fresh, roles.WEB)) as web:
                roles.require_row_security(web)
        finally:
            conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_a_folder_without_a_rollcall_is_not_made_one(tmp_path: Path) -> None:
    done = _rollcall(tmp_path / "data", "backup", str(tmp_path / "b"), "--keys", str(tmp_path / "k"))
    assert "There is no Rollcall in" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_backup_is_said(tmp_path: Path) -> None:
    done = _rollcall(tmp_path / "data", "restore", str(tmp_path))
    assert "There is no backup in" in done.stderr
    env = {**os.environ, "DATABASE_URL": "postgresql://x@y/z"}
    command = [sys.executable, str(REPO / "rollcall.py"), "backup", str(tmp_path / "b"), "--keys", str(tmp_path / "k")]
    hosted = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "docs/backup.md" in hosted.stderr
