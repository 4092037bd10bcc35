"""Applies `supabase/migrations/*.sql` once each, recorded as by the Supabase CLI, so that either can continue."""

import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict

from shared import logs
from shared.db.reach import reachable
from shared.db.roles import POOLER
from shared.errors import DatabaseError

_log = logs.get("migrate")
_NAME = re.compile(r"^([0-9]+)_(.*)\.sql$")
_TABLE = re.compile(r"^create (?:unlogged )?table (?:if not exists )?public\.(\w+)", re.M)
_DROPPED = re.compile(r"^drop table (?:if exists )?public\.(\w+)", re.M)
_LOCK = 0x526F6C6C63616C6C  # "Rollcall"
_HISTORY: LiteralString = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text not null primary key, statements text[], name text
);
"""


@dataclass(frozen=True, slots=True)
class Migration:
    version: str
    name: str
    sql: str


def folder() -> Path:
    """The checkout's `supabase/migrations`, also when installed."""
    return Path(__file__).resolve().parents[2] / "supabase" / "migrations"


def available(where: Path | None = None) -> list[Migration]:
    """Every migration file, oldest first; raises DatabaseError on a misnamed file or a version used twice."""
    found: list[Migration] = []
    for path in sorted((where or folder()).glob("*.sql")):
        match = _NAME.match(path.name)
        if match is None:
            raise DatabaseError(f"{path.name} is not named <version>_<name>.sql.")
        found.append(Migration(match[1], match[2], path.read_text(encoding="utf-8")))
    versions = [m.version for m in found]
    if len(set(versions)) != len(versions):
        raise DatabaseError("Two migration files carry the same version.")
    return sorted(found, key=lambda m: int(m.version))


def migrate(url: str, where: Path | None = None) -> list[str]:
    """Applies the missing migrations under an advisory lock and returns their versions; one transaction per file."""
    _require_own_connection(url)
    with psycopg.connect(reachable(url), autocommit=True) as conn:
        conn.execute("select pg_advisory_lock(%s)", (_LOCK,))
        try:
            _require_version(conn)
            with conn.transaction():
                _prelude(conn)
                conn.execute(_HISTORY)
            applied = [m.version for m in available(where) if _apply(conn, m)]
            _identity(conn)
            _storage(conn)
            _data_api(conn)
            return applied
        finally:
            if not conn.broken:
                conn.execute("select pg_advisory_unlock(%s)", (_LOCK,))


def pending(url: str, where: Path | None = None) -> list[str]:
    """The versions that are not applied yet."""
    with psycopg.connect(reachable(url)) as conn:
        return missing(conn, where)


def missing(conn: psycopg.Connection[Any], where: Path | None = None) -> list[str]:
    """The missing versions over an open connection; raises InsufficientPrivilege for a role without the history."""
    there = conn.execute("select to_regclass('supabase_migrations.schema_migrations')").fetchone()
    if there is None or there[0] is None:
        return [m.version for m in available(where)]
    done = {row[0] for row in conn.execute("select version from supabase_migrations.schema_migrations")}
    return [m.version for m in available(where) if m.version not in done]


def tables(where: Path | None = None) -> list[str]:
    """The tables of schema `public` that the migrations leave, by name."""
    text = "\n".join(migration.sql for migration in available(where))
    return sorted(set(_TABLE.findall(text)) - set(_DROPPED.findall(text)))


def _require_own_connection(url: str) -> None:
    """Refuses transaction poolers: the lock and `create role` need one connection from beginning to end."""
    parts = conninfo_to_dict(url)
    if str(parts.get("port")) == "6543" and str(parts.get("host", "")).endswith(POOLER):
        raise DatabaseError(
            "DATABASE_URL leads to Supabase's transaction pooler.",
            next_step="Use the session pooler: the same address with port 5432.",
        )


def _require_version(conn: psycopg.Connection[Any]) -> None:
    if conn.info.server_version < 150000:
        raise DatabaseError(
            f"PostgreSQL {conn.info.server_version // 10000} is too old.",
            next_step="Use PostgreSQL 15 or later, or unset DATABASE_URL for the embedded one.",
        )


def _prelude(conn: psycopg.Connection[Any]) -> None:
    """Creates the parts that Supabase brings; skipped where a foreign `auth` schema exists, which Supabase owns."""
    if _auth_is_ours(conn):
        conn.execute(_script("prelude.sql"))


def _identity(conn: psycopg.Connection[Any]) -> None:
    """Creates the web's own sign-in, for installations without Supabase; needs the schema that the migrations make."""
    made = conn.execute("select to_regnamespace('rollcall') is not null").fetchone()
    if made is not None and made[0] and _auth_is_ours(conn):
        with conn.transaction():
            conn.execute(_script("identity.sql"))


def _storage(conn: psycopg.Connection[Any]) -> None:
    """Creates missing buckets and policies of a hosted project; does nothing without Supabase Storage."""
    made = conn.execute("select to_regprocedure('rollcall.prepare_storage()') is not null").fetchone()
    if made is None or not made[0]:
        return
    row = conn.execute("select rollcall.prepare_storage()").fetchone()
    if row and row[0]:
        _log.warning("storage_not_ready", missing=row[0], see="docs/hosting-database.md")


def _data_api(conn: psycopg.Connection[Any]) -> None:
    """Takes everything of ours from the roles of Supabase's Data API, whatever the migrations grant them."""
    made = conn.execute("select to_regprocedure('rollcall.close_data_api(text[])') is not null").fetchone()
    if made is not None and made[0]:
        with conn.transaction():
            conn.execute("select rollcall.close_data_api(%s)", (tables(),))


def _auth_is_ours(conn: psycopg.Connection[Any]) -> bool:
    owner = conn.execute(
        "select n.nspowner = r.oid from pg_namespace n, pg_roles r where nspname = 'auth' and rolname = current_user"
    ).fetchone()
    return owner is None or bool(owner[0])


def _script(name: str) -> LiteralString:
    return resources.files("shared.db").joinpath(name).read_text(encoding="utf-8")


def _apply(conn: psycopg.Connection[Any], migration: Migration) -> bool:
    table = "supabase_migrations.schema_migrations"
    with conn.transaction():
        if conn.execute(f"select from {table} where version = %s", (migration.version,)).fetchone() is not None:
            return False
        try:
            conn.execute(migration.sql)
        except psycopg.Error as error:
            raise DatabaseError(
                f"Migration {migration.version}_{migration.name}.sql failed and nothing of it was kept: {error}"
            ) from error
        conn.execute(
            f"insert into {table} (version, name, statements) values (%s, %s, %s)",  # noqa: S608
            (migration.version, migration.name, [migration.sql]),
        )
    return True
