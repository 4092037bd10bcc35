"""Checks that the database answers, and compares its schema with ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo

from cli.ops.doctor.check import Check, leave_out, wrong
from shared.database_reasons import NO_SOCKET, NOBODY, reason
from shared.db.migrate import OLDER, START_ANEW, available, is_older
from shared.db.poolers import sessions_last
from shared.db.reach import reachable
from shared.db.version import newest
from shared.settings import Settings

_POOLER = (
    "Good for the web. The worker and `rollcall migrate` need a direct connection or a session pooler "
    "(Supabase: port 5432 of the same host)."
)
_OLDER = (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName, psycopg.errors.InsufficientPrivilege)


def database(settings: Settings) -> Check:
    """Whether the configured database answers and has this version's schema; a stopped one is not started."""
    if settings.database_url is None:
        return _embedded(settings.data_dir)
    try:
        lasting = sessions_last(settings.database_url)
        found = schema(settings.database_url, "DATABASE_URL answers")
    except psycopg.Error as error:
        return wrong(
            "database", f"DATABASE_URL does not answer: {reason(error)}", "Check the address and that it runs."
        )
    if not found.ok or lasting:
        return found
    return Check("database", True, f"{found.says}, through a transaction pooler", _POOLER)


def schema(url: str, answers: str) -> Check:
    """Compares the database's schema with ours; raises psycopg's errors. `answers` begins the sentence."""
    with psycopg.connect(reachable(url), autocommit=True, prepare_threshold=None) as conn:
        try:
            applied = _applied(conn)
            older = bool(applied) and is_older(conn)
        except psycopg.errors.InsufficientPrivilege:
            return _version_by_function(conn, answers)
    if older:
        return wrong("database", f"{answers}, but: {OLDER}", START_ANEW)
    ours = [migration.version for migration in available()]
    lacking, theirs = [one for one in ours if one not in applied], max(applied, key=int, default="none")
    says = f"{answers}, schema {theirs}, ours {ours[-1]}"
    if lacking:
        return wrong("database", f"{says}: {len(lacking)} migrations are missing", "Run `rollcall migrate`.")
    return Check("database", True, f"{says}{': a newer version made it' if int(theirs) > int(ours[-1]) else ''}")


def _applied(conn: psycopg.Connection[Any]) -> set[str]:
    """The versions that the history names, none where there is no history; raises InsufficientPrivilege."""
    row = conn.execute("select to_regclass('supabase_migrations.schema_migrations')").fetchone()
    if row is None or row[0] is None:
        return set()
    return {found[0] for found in conn.execute("select version from supabase_migrations.schema_migrations")}


def _version_by_function(conn: psycopg.Connection[Any], answers: str) -> Check:
    """The check for the roles of web and worker, which do not see the history."""
    if not any(_is_applied(conn, role) for role in ("none", "service_role")):
        says = f"{answers}, but does not have the schema {newest()} of this version"
        return wrong("database", says, "Run `rollcall migrate` with the owner's address.")
    return Check("database", True, f"{answers}, schema {newest()} as ours is")


def _is_applied(conn: psycopg.Connection[Any], role: LiteralString) -> bool:
    """Whether the function confirms it for this role: the web asks directly, the worker as `service_role`."""
    try:
        conn.execute(f"set role {role}")
        row = conn.execute("select rollcall.is_applied(%s)", [newest()]).fetchone()
    except _OLDER:
        return False
    return row is not None and bool(row[0])


def _embedded(data_dir: Path) -> Check:
    """Asks the embedded database only where it runs, because a start would change its files."""
    folder = data_dir / "postgres"
    if not (folder / "PG_VERSION").exists():
        return leave_out("database", "embedded PostgreSQL (made at the first start)")
    url = _running(folder)
    try:
        if url is not None:
            return schema(url, "embedded PostgreSQL answers")
    except psycopg.OperationalError as error:
        if reason(error) not in (NO_SOCKET, NOBODY):
            says = f"the embedded PostgreSQL does not answer: {reason(error)}"
            return wrong("database", says, f"Look at the file `log` in {folder}.")
    return leave_out("database", f"embedded PostgreSQL in {folder}, which does not run; `rollcall up` starts it")


def _running(folder: Path) -> str | None:
    """The owner's address of the server that runs there; None without one."""
    try:
        _, _, _, port, socket, *_ = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ValueError):
        return None
    return make_conninfo("", user="postgres", dbname="postgres", host=socket, port=port) if socket else None
