"""Backs up the embedded Rollcall: the database at one moment, and in another folder the keys to it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from shared.db import programs
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate, refuse_older
from shared.db.pools import Row
from shared.errors import InputError, VaultError
from shared.folders import make_private
from shared.vault import KeyRing, WrappedKey, keyfiles

_DUMP, _NOTE, _KEYS = "database.dump", "backup.json", "keys"
_TABLES: LiteralString = """
    select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    order by 1
"""
_DATA_KEYS: LiteralString = "select user_id, wrapped_key, kek_id from public.user_keys order by user_id"
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL
Counts = Mapping[str, int]


def backup(data_dir: Path, folder: Path, keys: Path) -> Counts:
    """Makes both folders, which must not exist, and returns the rows of each table. Rollcall may run meanwhile.

    One folder alone reveals no secret, so neither may lie in the other: InputError. Raises VaultError when the keys do
    not open the stored secrets: such a backup would be useless.
    """
    _require_apart(folder, keys)
    for one in (folder, keys):
        if one.exists():
            raise InputError(f"There is something at {one} already.", next_step="Name a folder that is not there yet.")
    if not (data_dir / "postgres" / "PG_VERSION").exists():
        raise InputError(
            f"There is no Rollcall in {data_dir}.", next_step="Set ROLLCALL_DATA_DIR to the data folder that it uses."
        )
    unfinished = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}")
    unfinished_keys = keys.with_name(f".{keys.name}.{uuid4().hex[:8]}")
    make_private(unfinished)
    try:
        with embedded_database(data_dir) as url, _snapshot(url) as (conn, snapshot):
            _dump(url, snapshot, unfinished / _DUMP)
            # After the dump: a ring only ever grows, so it opens everything in the dump.
            _copy_keys(data_dir / _KEYS, unfinished_keys / _KEYS)
            _require_opening(conn, keyfiles.load(unfinished_keys))
            counts = _counts(conn)
        _write_note(unfinished / _NOTE, counts)
        # The keys first: a dump without them is of no use, keys without a dump do no harm.
        (unfinished_keys / _KEYS).rename(keys)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(unfinished_keys, ignore_errors=True)
    return counts


def restore(folder: Path, keys: Path | None, data_dir: Path) -> Counts:
    """Fills a data folder that holds neither database nor keys and returns the rows of each table.

    `keys` None takes the folder `keys` in the backup, where earlier versions put it. Raises InputError for a data
    folder in use or without a backup, VaultError when the keys are not those of the database, DatabaseError when its
    schema is from before the baseline; then the data folder stays empty.
    """
    note, keys = _read_note(folder), _found_keys(folder, keys)
    for part in ("postgres", _KEYS):
        if (data_dir / part).exists():
            raise InputError(
                f"There is a Rollcall in {data_dir} already.",
                next_step="Set ROLLCALL_DATA_DIR to an empty folder, or move that one away.",
            )
    try:
        _copy_keys(keys, data_dir / _KEYS)
        with embedded_database(data_dir) as url:
            _make_roles(url)
            programs.run(
                "pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={url}", str(folder / _DUMP)
            )
            with psycopg.connect(url, row_factory=dict_row) as conn:
                refuse_older(conn)
                conn.execute("analyze")
                _require_opening(conn, keyfiles.load(data_dir))
                counts = _counts(conn)
    except BaseException:
        for part in ("postgres", _KEYS):
            shutil.rmtree(data_dir / part, ignore_errors=True)
        raise
    if counts != note:
        raise InputError("The restored database has other rows than the backup's note says.", next_step="Look at both.")
    return counts


def _require_apart(folder: Path, keys: Path) -> None:
    one, other = folder.resolve(), keys.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise InputError(
            "The keys may not lie in the same folder as the database: together they open everything.",
            next_step="Name another place for --keys, best on another disk or another machine.",
        )


def _found_keys(folder: Path, keys: Path | None) -> Path:
    found = folder / _KEYS if keys is None else keys
    if not (found / "worker-keys.json").is_file():
        raise InputError(
            f"There are no keys in {found}.",
            next_step="Give the folder that `rollcall backup --keys` made: rollcall restore FOLDER --keys KEYS.",
        )
    return found


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[psycopg.Connection[Row], str]]:
    """A transaction with the dump's snapshot, so that the counts are the dump's own."""
    with psycopg.connect(url, row_factory=dict_row) as conn:
        conn.execute("set transaction isolation level repeatable read, read only")
        row = conn.execute("select pg_export_snapshot() as name").fetchone()
        yield conn, "" if row is None else str(row["name"])


def _dump(url: str, snapshot: str, file: Path) -> None:
    programs.run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={file}", f"--dbname={url}")
    file.chmod(0o600)


def _make_roles(url: str) -> None:
    """Makes the roles by the migrations, for the whole server: the dump names roles and does not make them."""
    scratch = "rollcall_roles"
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL("create database {}").format(sql.Identifier(scratch)))
        try:
            migrate(make_conninfo(url, dbname=scratch))
        finally:
            conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(scratch)))


def _copy_keys(source: Path, target: Path) -> None:
    make_private(target)
    for file in sorted(source.iterdir()):
        with os.fdopen(os.open(target / file.name, _FRESH, 0o600), "wb") as copy:
            copy.write(file.read_bytes())


def _require_opening(conn: psycopg.Connection[Row], ring: KeyRing) -> None:
    closed = sum(not _opens(ring, row) for row in conn.execute(_DATA_KEYS))
    if closed:
        raise VaultError(
            f"These keys are not those of this database: {closed} of its data keys do not open.",
            next_step="Give the keys of the same installation: --keys FOLDER.",
        )


def _opens(ring: KeyRing, row: Row) -> bool:
    try:
        ring.unwrap(WrappedKey(row["wrapped_key"], row["kek_id"]), row["user_id"])
    except VaultError:
        return False
    return True


def _counts(conn: psycopg.Connection[Row]) -> Counts:
    found = {}
    for row in conn.execute(_TABLES).fetchall():
        statement = sql.SQL("select count(*) as n from public.{}").format(sql.Identifier(row["name"]))
        counted = conn.execute(statement).fetchone()
        found[row["name"]] = 0 if counted is None else int(counted["n"])
    return found


def _write_note(path: Path, counts: Counts) -> None:
    note = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "rows": counts}
    path.write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")


def _read_note(folder: Path) -> Counts:
    try:
        note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        rows: Counts = {str(name): int(count) for name, count in note["rows"].items()}
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"There is no backup in {folder}.", next_step="Name a folder that `rollcall backup` made."
        ) from error
    return rows
