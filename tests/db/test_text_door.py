"""Whatever text a statement is given, PostgreSQL takes it: in a parameter, a list, a copy and inside JSON."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Json, Jsonb
from psycopg_pool import ConnectionPool

from shared.db import pools
from shared.domain.input.text import storable

pytestmark = pytest.mark.slow
ANY = st.text(st.characters(exclude_categories=()) | st.sampled_from("\x00\ud83d\udc00\u202e😀"), max_size=40)
HARD = ("caf\x00e", "half \ud83d pair", "\udc00", "\u202eevil", "😀" * 2**18, "a" * 2**20)


def sent(conn: psycopg.Connection[dict[str, Any]], text: str) -> dict[str, Any]:
    row = conn.execute(
        "select %(one)s::text as one, %(many)s::text[] as many, %(tree)s::jsonb as tree, %(plain)s::json as plain,"
        " %(one)s = any(%(many)s) as equal",
        {"one": text, "many": [text], "tree": Jsonb({text: [text, {"a": text}]}), "plain": Json({"a": text})},
    ).fetchone()
    assert row is not None
    with conn.cursor() as cursor:
        cursor.execute("create temporary table if not exists copied (text text)")
        cursor.execute("truncate copied")
        with cursor.copy("copy copied (text) from stdin") as copy:
            copy.write_row((text,))
    copied = conn.execute("select text from copied").fetchone()
    assert copied is not None
    return row | {"copied": copied["text"]}


def expected(text: str) -> dict[str, Any]:
    kept = storable(text)
    tree = {kept: [kept, {"a": kept}]}
    return {"one": kept, "many": [kept], "tree": tree, "plain": {"a": kept}, "equal": True, "copied": kept}


@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_the_hard_ones_are_taken(web_pool: ConnectionPool[pools.WebConnection], text: str) -> None:
    with web_pool.connection() as conn:
        assert sent(conn, text) == expected(text)


def test_every_text_is_taken(web_pool: ConnectionPool[pools.WebConnection]) -> None:
    with web_pool.connection() as conn:

        @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
        @given(ANY)
        def is_taken(text: str) -> None:
            assert sent(conn, text) == expected(text)

        is_taken()
