"""One function answers whose profiles a person sees: each policy asks it, once a statement, and indexes are used."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from tests.conftest import Personas

Owner = psycopg.Connection[dict[str, Any]]
Pool = ConnectionPool[WebConnection]
ASKS = "( SELECT rollcall.visible_user() AS visible_user) = user_id"
# What belongs to the account itself and is never shared with a profile.
OF_THE_ACCOUNT = {
    "account_settings",
    "alert_deliveries",
    "login_screenshots",
    "email_confirmations",
    "email_preferences",
    "oauth_states",
    "second_factors",
    "web_sessions",
}
SHARED = "create or replace function rollcall.visible_user() returns uuid language sql stable return '{}'::uuid"


def test_every_policy_that_shows_a_profile_asks_the_function_and_no_policy_that_writes_does(owner: Owner) -> None:
    policies = owner.execute(
        "select tablename, cmd, coalesce(qual, '') || coalesce(with_check, '') as said from pg_policies"
        " where schemaname = 'public'"
    ).fetchall()
    shows = {
        p["tablename"] for p in policies if p["cmd"] == "SELECT" and p["said"].startswith((f"({ASKS}", f"(({ASKS}"))
    }
    reads = {p["tablename"] for p in policies if p["cmd"] == "SELECT"}
    assert reads - shows == OF_THE_ACCOUNT
    assert [p for p in policies if p["cmd"] != "SELECT" and "visible_user" in p["said"]] == []


def test_another_answer_of_the_function_shows_another_persons_profiles_and_lets_nobody_write(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], web_pool: Pool
) -> None:
    profile = make_profile(people.alice)
    owner.execute(SHARED.format(people.alice))
    with tenant(web_pool, people.bob) as conn:
        assert conn.execute("select id from public.profiles").fetchall() == [{"id": profile}]
        assert conn.execute("update public.profiles set schedule_paused = true").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(
                "insert into public.sync_jobs (user_id, profile_id, kind) values (%s, %s, 'SYNC')",
                (people.alice, profile),
            )


def test_it_is_asked_once_for_a_statement_and_its_answer_leads_an_index(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], web_pool: Pool
) -> None:
    profile = make_profile(people.alice)
    owner.execute(
        "insert into public.people (user_id, profile_id, platform_id, username, follows_me, follows_me_since,"
        " first_seen_at, updated_at) select %s, %s, n::text, 'p' || n, true, now(), now(), now()"
        " from generate_series(1, 3000) n",
        (people.alice, profile),
    )
    owner.execute("vacuum analyze public.people")
    with tenant(web_pool, people.alice) as conn:
        row = conn.execute(
            "explain (analyze, format json) select id from public.people where profile_id = %s and follows_me"
            " order by follows_me_since desc, id desc limit 1000",
            (profile,),
        ).fetchone()
    assert row is not None
    nodes = list(_nodes(row["QUERY PLAN"][0]["Plan"]))
    asked = [node for node in nodes if node.get("Parent Relationship") == "InitPlan"]
    assert [node["Actual Loops"] for node in asked] == [1]
    (walked,) = [node for node in nodes if node.get("Index Name") == "people_followers_idx"]
    assert "user_id = " in walked["Index Cond"]
    assert [node for node in nodes if node["Node Type"] == "Sort"] == [], json.dumps(nodes[0], default=str)


def _nodes(plan: dict[str, Any]) -> Any:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)
