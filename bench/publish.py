"""Publishing a list, first and with one percent changed, beside its floor: the same rows by COPY and one anti-join.

Both run on one embedded PostgreSQL with the settings of the product, one after the other, so that they share its luck.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg
from psycopg.rows import dict_row

from shared.db import pools, roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.domain.social import Direction
from shared.domain.traversal.list_verdict import Evidence
from shared.store.followers import publish, runs

PAGE = 25
CHANGED = 100  # one person in so many leaves and another comes
Row = tuple[str, str, str, bool, bool]


def rows(size: int, repeat: bool) -> Iterator[Row]:
    """The list: `size` people; in a repeat one in a hundred has left and another stands on top."""
    for number in range(size):
        arrival = size + number if repeat and number % CHANGED == 0 else number
        # Ids in the order of arrival would flatter the indexes, so they are scattered.
        pk = (arrival * 2_654_435_761 + 12_345) % 10**11
        yield str(pk), f"person_{pk % 10**9}.{arrival}", f"Name {arrival} Family {pk % 5000}", pk % 3 == 0, pk % 97 == 0


def stage(url: str, run: runs.Run, size: int, repeat: bool) -> None:
    """Puts the pages where a walk leaves them; not part of what is measured."""
    with psycopg.connect(url) as conn, conn.cursor() as cursor:
        with cursor.copy(
            "copy list_pages (run_id, page, user_id, platform_ids, usernames, full_names, is_private, is_verified)"
            " from stdin"
        ) as copy:
            for number, page in enumerate(_pages(rows(size, repeat))):
                copy.write_row((run.id, number, run.user_id, *(list(column) for column in zip(*page, strict=True))))
        cursor.execute(
            "update list_runs set observed_start = now(), observed_end = now(), pages = %s where id = %s",
            (-(-size // PAGE), run.id),
        )


def _pages(people_rows: Iterator[Row]) -> Iterator[list[Row]]:
    page: list[Row] = []
    for row in people_rows:
        page.append(row)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def floor(url: str, size: int) -> tuple[float, float]:
    """Seconds for the first list by COPY, and for a second one by COPY with one anti-join each way."""
    with psycopg.connect(url) as conn:
        first = _copied(conn, "copy floor_people from stdin", rows(size, False))
        began = time.perf_counter()
        conn.execute("create table floor_next (like floor_people)")
        _copied(conn, "copy floor_next from stdin", rows(size, True))
        conn.execute(
            "select count(*) from floor_people a full join floor_next b using (platform_id)"
            " where a.platform_id is null or b.platform_id is null"
        )
        conn.commit()
        repeat = time.perf_counter() - began
        conn.execute("truncate floor_people")
        conn.execute("drop table floor_next")
        conn.commit()
    return first, repeat


def _copied(conn: psycopg.Connection[Any], statement: Any, people_rows: Iterator[Row]) -> float:
    held = list(people_rows)
    began = time.perf_counter()
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in held:
            copy.write_row(row)
    conn.commit()
    return time.perf_counter() - began


async def ours(url: str, owner_url: str, user_id: UUID, profile_id: UUID, size: int) -> dict[str, float]:
    """Seconds of both publications, what the second one found, and the megabytes this process grew by."""
    process = psutil.Process()
    figures: dict[str, float] = {}
    async with pools.worker_pool(url, 2) as pool:
        for name in ("first", "repeat"):
            async with pool.connection() as conn:
                run = await runs.start_run(
                    conn, user_id=user_id, profile_id=profile_id, direction=Direction.FOLLOWER, reported=size
                )
            stage(owner_url, run, size, name == "repeat")
            before, began = process.memory_info().rss, time.perf_counter()
            async with pool.connection() as conn, conn.transaction():
                published = await publish.publish(conn, run, Evidence(size, size, natural_end=True))
            figures[f"{name}_seconds"] = round(time.perf_counter() - began, 3)
            grown = (process.memory_info().rss - before) / 1e6
            figures["grown_mb"] = round(max(grown, figures.get("grown_mb", 0.0)), 1)
        figures |= {"gained": published.gained, "lost": published.lost}
        async with pool.connection() as conn:
            began = time.perf_counter()
            found = await publish.people_on(conn, user_id, profile_id, Direction.FOLLOWER, datetime.now(UTC))
            figures["on_a_date_ms"] = round(1000 * (time.perf_counter() - began), 1)
        if found != size:
            raise RuntimeError(f"{found} people followed just now, and {size} were published")
    return figures


def measure(size: int) -> dict[str, Any]:
    """One JSON-ready line for one size, on a database of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="rb", ignore_cleanup_errors=True) as folder,
        embedded_database(Path(folder)) as url,
    ):
        migrate(url)
        with psycopg.connect(url, row_factory=dict_row) as conn:
            conn.execute(
                "create table floor_people"
                " (platform_id text, username text, full_name text, is_private bool, is_verified bool)"
            )
            user = conn.execute(
                "insert into auth.users (email, encrypted_password) values ('bench@example.org', '-') returning id"
            ).fetchone()
            assert user
            profile = conn.execute(
                "insert into profiles (user_id, platform, username) values (%s, 'instagram', 'bench') returning id",
                (user["id"],),
            ).fetchone()
            assert profile
        figures = asyncio.run(ours(roles.allow_login(url, roles.WORKER), url, user["id"], profile["id"], size))
        floor_first, floor_repeat = floor(url, size)
    return {
        "bench": "publish",
        "people": size,
        **figures,
        "floor_first_seconds": round(floor_first, 3),
        "floor_repeat_seconds": round(floor_repeat, 3),
        "ratio_first": round(figures["first_seconds"] / floor_first, 2),
        "ratio_repeat": round(figures["repeat_seconds"] / floor_repeat, 2),
    }


def main(argv: list[str]) -> int:
    """`python -m bench publish [--sizes 10000,100000,1000000]`: one JSON line per size."""
    parser = argparse.ArgumentParser(prog="bench publish")
    parser.add_argument("--sizes", default="10000,100000,1000000", help="numbers of people, separated by commas")
    for size in parser.parse_args(argv).sizes.split(","):
        print(json.dumps(measure(int(size))), flush=True)
    return 0
