"""The tables that docs/scale.md says to partition by time can be, and what writes them does not notice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.traversal.media_walk import Query, Tab, Verdict
from shared.store.media import publish_media, staging
from tests.conftest import Personas
from tests.rig import samples

Owner = psycopg.Connection[dict[str, Any]]
# `like` leaves foreign keys out.
_KEY: LiteralString = """
    alter table public.media_metrics add foreign key (media_id) references public.media (id) on delete cascade
"""
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def partition(owner: Owner, table: str, column: str) -> None:
    """The statements of docs/scale.md: the table as it is becomes the first partition, so no row is moved."""
    names = {"table": sql.Identifier(table), "column": sql.Identifier(column), "old": sql.Identifier(f"{table}_old")}
    names["policy"] = sql.Identifier(f"{table}_select")
    statements: tuple[LiteralString, ...] = (
        "alter table public.{table} rename to {old}",
        "create table public.{table} (like public.{old} including all) partition by range ({column})",
        "alter table public.{table} attach partition public.{old} for values from (minvalue) to ('2026-03-01')",
        "create table public.{new} partition of public.{table} for values from ('2026-03-01') to (maxvalue)",
        "alter table public.{table} enable row level security",
        "create policy {policy} on public.{table} for select to rollcall_person"
        " using ((select rollcall.visible_user()) = user_id)",
        "grant select on public.{table} to rollcall_person",
        "grant all on public.{table} to service_role",
    )
    for statement in statements:
        owner.execute(sql.SQL(statement).format(**names, new=sql.Identifier(f"{table}_new")))


@pytest.mark.parametrize(
    ("table", "column"), [("media_metrics", "captured_at"), ("profile_counts", "captured_at"), ("profile_days", "day")]
)
def test_a_history_can_be_partitioned_by_its_time(owner: Owner, table: str, column: str) -> None:
    partition(owner, table, column)
    found = owner.execute("select relkind::text from pg_class where oid = %s::regclass", [f"public.{table}"]).fetchone()
    assert found == {"relkind": "p"}


async def test_posts_are_published_into_partitions_unchanged(
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    worker_pool: AsyncConnectionPool[WorkerConnection],
) -> None:
    profile = make_profile(people.alice)
    partition(owner, "media_metrics", "captured_at")
    owner.execute(_KEY)
    for number, at in enumerate((MARCH - timedelta(days=1), MARCH + timedelta(days=1), MARCH + timedelta(days=1))):
        run = uuid4()
        async with worker_pool.connection() as conn:
            query = Query(profile, run, whole=True)
            await staging.stage(conn, people.alice, query, Tab.POSTS, samples.media(10, number), at)
            await publish_media.publish(
                conn, publish_media.Finished(run, people.alice, profile, None, Verdict.WHOLE, 1)
            )
    rows = owner.execute(
        "select tableoid::regclass::text as part, count(*) as n from media_metrics group by 1"
    ).fetchall()
    assert {row["part"]: row["n"] for row in rows} == {"media_metrics_old": 10, "media_metrics_new": 10}
    owner.execute("delete from media")
    assert owner.execute("select count(*) as n from media_metrics").fetchone() == {"n": 0}
