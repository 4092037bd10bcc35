"""What a platform lends for a time is removed in time; what the browser read, and what may be kept, stays."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from shared.settings import load
from shared.store.deletion import lent_figures
from tests.conftest import Personas
from tests.worker.handling import Pool, services_for
from worker.browser.pool import BrowserPool
from worker.periodic.retention import cleaning, lending
from worker.platforms import registry
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
SOURCES = ("google", "browser", "data_download")
# Another clock than the database's, as that of the sandbox.
PLATFORMS_CLOCK = datetime(2020, 1, 1, tzinfo=UTC)
OLD, YOUNG = timedelta(days=31), timedelta(days=29)


@pytest.fixture
def profile(owner: Owner, people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    """An old and a young row of each source in each table."""
    made = make_profile(people.alice, "ada", platform="youtube")
    owner.execute(
        "insert into media (user_id, profile_id, platform_id, kind, first_seen_at, last_seen_at)"
        " values (%s, %s, '1', 'video', now(), now())",
        (people.alice, made),
    )
    for number, (source, age) in enumerate(product(SOURCES, (OLD, YOUNG))):
        given = {"user": people.alice, "profile": made, "source": source, "age": age, "n": number}
        given["at"] = PLATFORMS_CLOCK + timedelta(minutes=number)
        for statement in (
            "insert into insight_days (user_id, profile_id, metric, source, day, value, provisional, captured_at,"
            " stored_at) values (%(user)s, %(profile)s, 'views', %(source)s, current_date - %(n)s::int, 1, false,"
            " %(at)s, now() - %(age)s)",
            "insert into insight_totals (user_id, profile_id, metric, source, first_day, last_day, value, provisional,"
            " captured_at, stored_at) values (%(user)s, %(profile)s, 'views', %(source)s, current_date - %(n)s::int,"
            " current_date, 1, false, %(at)s, now() - %(age)s)",
            "insert into audience_shares (user_id, profile_id, source, breakdown, keys, metric, first_day, last_day,"
            " value, captured_at, stored_at) values (%(user)s, %(profile)s, %(source)s, 'country', array[%(n)s::text],"
            " 'views', current_date, current_date, 1, %(at)s, now() - %(age)s)",
            "insert into profile_counts (user_id, profile_id, source, followers, captured_at, stored_at)"
            " values (%(user)s, %(profile)s, %(source)s, 1, %(at)s, now() - %(age)s)",
            "insert into media_metrics (media_id, user_id, profile_id, source, likes, captured_at, stored_at)"
            " select id, user_id, profile_id, %(source)s, 1, %(at)s, now() - %(age)s from media",
        ):
            owner.execute(statement.encode(), given)
    return made


def services_with(pool: Pool, **changes: str) -> Services:
    settings = load(changes)
    browser = BrowserPool(settings)
    return replace(services_for(pool), settings=settings, platforms=registry.clients(browser, settings))


def left(owner: Owner, table: str, source: str) -> int:
    statement = sql.SQL("select count(*) as n from {} where source = %s").format(sql.Identifier(table))
    row = owner.execute(statement, [source]).fetchone()
    assert row is not None
    return int(row["n"])


def _days(owner: Owner, profile: UUID) -> list[dict[str, Any]]:
    return owner.execute("select day from profile_days where profile_id = %s", (profile,)).fetchall()


async def test_what_was_lent_goes_after_thirty_days_by_itself(profile: UUID, owner: Owner, worker_pool: Pool) -> None:
    async with cleaning(services_with(worker_pool)), asyncio.timeout(240):
        while any(left(owner, table, "google") > 1 for table in lent_figures.TABLES):
            await asyncio.sleep(0.05)
    for table in lent_figures.TABLES:
        found = {source: left(owner, table, source) for source in SOURCES}
        assert found == {"google": 1, "browser": 2, "data_download": 2}, table


async def test_derived_days_of_what_was_lent_go_too_and_those_of_another_platform_stay(
    profile: UUID, owner: Owner, people: Personas, worker_pool: Pool, make_profile: Callable[..., UUID]
) -> None:
    other = make_profile(people.alice, "ada")
    for whose in (profile, other):
        for age in (OLD, YOUNG):
            owner.execute(
                "insert into profile_days (user_id, profile_id, day, formula_version, computed_at)"
                " values (%s, %s, current_date - %s, 1, now() - %s)",
                (people.alice, whose, age.days, age),
            )
    async with cleaning(services_with(worker_pool)), asyncio.timeout(240):
        while len(_days(owner, profile)) > 1:
            await asyncio.sleep(0.05)
    assert len(_days(owner, profile)) == 1
    assert len(_days(owner, other)) == 2


def _age(owner: Owner, people: Personas, profile: UUID) -> None:
    """A post and the facts of a profile as a sync of 31 days ago left them, and a post of 29 days ago."""
    for name, age in (("old", OLD), ("young", YOUNG)):
        owner.execute(
            "insert into media (user_id, profile_id, platform_id, kind, first_seen_at, last_seen_at, stored_at)"
            " values (%s, %s, %s, 'video', now(), now(), now() - %s)",
            (people.alice, profile, name, age),
        )
    owner.execute(
        "update profiles set followers = 7, media_count = 2, biography = 'maths', facts_stored_at = now() - %s"
        " where id = %s",
        (OLD, profile),
    )


def _facts(owner: Owner, profile: UUID) -> dict[str, Any]:
    (row,) = owner.execute(
        "select username, followers, media_count, biography from profiles where id = %s", (profile,)
    ).fetchall()
    return row


def _posts(owner: Owner, profile: UUID) -> list[str]:
    rows = owner.execute("select platform_id from media where profile_id = %s order by 1", (profile,)).fetchall()
    return [row["platform_id"] for row in rows]


async def test_posts_and_facts_that_no_sync_showed_again_go_and_those_of_another_platform_stay(
    people: Personas, owner: Owner, worker_pool: Pool, make_profile: Callable[..., UUID]
) -> None:
    channel, other = make_profile(people.alice, "ada", platform="youtube"), make_profile(people.alice, "ada")
    for one in (channel, other):
        _age(owner, people, one)
    async with cleaning(services_with(worker_pool)), asyncio.timeout(240):
        while _facts(owner, channel)["followers"] is not None:
            await asyncio.sleep(0.05)
    assert _posts(owner, channel) == ["young"]
    assert _facts(owner, channel) == {"username": "ada", "followers": None, "media_count": None, "biography": None}
    assert _posts(owner, other) == ["old", "young"]
    assert _facts(owner, other)["followers"] == 7


async def test_an_installation_that_may_keep_them_lends_nothing(worker_pool: Pool) -> None:
    assert lending(services_with(worker_pool)) == ["youtube"]
    assert lending(services_with(worker_pool, YOUTUBE_DERIVED_METRICS="true")) == []


@pytest.mark.parametrize("table", lent_figures.TABLES)
def test_what_was_lent_is_found_by_an_index(owner: Owner, table: str) -> None:
    # Empty tables would be read whole by choice; what is asked is whether they could be read otherwise.
    owner.execute("set enable_seqscan = off")
    statement = sql.SQL("explain ") + lent_figures.statement(table)
    rows = owner.execute(statement, {"sources": ["google"], "age": OLD, "limit": 1000}).fetchall()
    assert f"{table}_lent_idx" in "\n".join(row["QUERY PLAN"] for row in rows)
