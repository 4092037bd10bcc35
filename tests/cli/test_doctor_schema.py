"""`rollcall doctor` tells the database's schema beside ours, whoever asks."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cli.ops.doctor.schema import database
from shared.db import roles
from shared.db.version import newest
from shared.settings import load
from tests.conftest import Database

Owner = psycopg.Connection[dict[str, Any]]
HISTORY = "supabase_migrations.schema_migrations"


def look(url: str) -> tuple[str, str]:
    check = database(load({}, database_url=url))
    return check.word, check.says


def test_the_same_schema_is_told_with_both_numbers(database: Database) -> None:
    word, says = look(database.owner)
    assert word == "ok"
    assert f"schema {newest()}, ours {newest()}" in says


@pytest.mark.parametrize("role", ["web", "worker"])
def test_the_roles_of_web_and_worker_are_told_too(database: Database, owner: Owner, role: str) -> None:
    assert look(getattr(database, role)) == ("ok", f"DATABASE_URL answers, schema {newest()} as ours is")
    owner.execute(f"delete from {HISTORY} where version = %s", [newest()])
    word, says = look(getattr(database, role))
    assert (word, f"does not have the schema {newest()}" in says) == ("WRONG", True)


def test_an_older_schema_is_wrong_and_a_newer_one_is_told(database: Database, owner: Owner) -> None:
    owner.execute(f"insert into {HISTORY} (version) values ('29990101000000')")
    word, says = look(database.owner)
    assert (word, says) == (
        "ok",
        f"DATABASE_URL answers, schema 29990101000000, ours {newest()}: a newer version made it",
    )
    owner.execute(f"delete from {HISTORY} where version in (%s, '29990101000000')", [newest()])
    word, says = look(database.owner)
    assert (word, "1 migrations are missing" in says) == ("WRONG", True)


def test_a_schema_from_before_the_baseline_is_wrong_whatever_else_is_there(database: Database, owner: Owner) -> None:
    owner.execute(f"insert into {HISTORY} (version) values ('20261120000001')")
    word, says = look(database.owner)
    assert (word, "from before the first release" in says) == ("WRONG", True)


def test_an_empty_database_lacks_them_all(postgres: str) -> None:
    word, says = look(postgres)
    assert word == "WRONG"
    assert "schema none" in says


def test_where_nobody_may_sign_in_no_part_of_the_address_is_repeated(database: Database) -> None:
    url = roles.address(database.owner, "canary_role")
    word, says = look(url)
    assert (word, "canary" in says) == ("WRONG", False)
