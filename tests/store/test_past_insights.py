"""Past insights among tens of thousands of them: each question of a page looks into an index, for its owner only."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.store.files import past_insights
from shared.store.files.past_insights import Known
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago

Pool = ConnectionPool[WebConnection]


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    """Four thousand posts with five figures each, all joined, and twenty figures of the account."""
    made = History(owner, people.alice, make_profile(people.alice, observed_at=NOW))
    where = {"user": made.user, "profile": made.profile, "now": NOW}
    owner.execute(
        """
        with posted as (
            insert into public.media (user_id, profile_id, platform_id, kind, posted_at, first_seen_at, last_seen_at)
            select %(user)s, %(profile)s, i, 'image', %(now)s::timestamptz - i * interval '1 hour', %(now)s, %(now)s
            from generate_series(10, 4009) i returning id, posted_at
        )
        insert into public.insights
            (user_id, profile_id, source, metric, period, posted_at, media_id, value, captured_at)
        select %(user)s, %(profile)s, 'data_download', metric, 'lifetime', posted_at, id, 7, %(now)s from posted
        cross join unnest(array['reach', 'impressions', 'saves', 'shares', 'follows']) metric
        """,
        where,
    )
    owner.execute(
        """
        insert into public.insights (user_id, profile_id, source, metric, period, breakdown, value, captured_at)
        select %(user)s, %(profile)s, 'data_download', 'followers_by_city', 'lifetime', 'City ' || i, i, %(now)s
        from generate_series(1, 20) i
        """,
        where,
    )
    owner.execute("vacuum analyze public.insights")
    return made


def plan(conn: WebConnection, statement: Any, values: Any) -> str:
    rows = conn.execute("explain " + statement, values).fetchall()
    return "\n".join(row["QUERY PLAN"] for row in rows)


def test_no_question_looks_through_all_figures(history: History, web_pool: Pool) -> None:
    with web_pool, tenant(web_pool, history.user) as conn:
        given = {"profile": history.profile, "limit": 200}
        known = plan(conn, past_insights._KNOWN, given)
        of_account = plan(conn, past_insights._OF_ACCOUNT, given)
        some = [row["id"] for row in conn.execute("select id from public.media limit 24").fetchall()]
        of_media = plan(conn, past_insights._OF_MEDIA, [some])
    for shown, index in (
        (known, "insights_unread_idx"),
        (known, "insights_user_idx"),
        (of_account, "insights_account_idx"),
        (of_media, "insights_media_idx"),
    ):
        assert index in shown, shown
        assert "Seq Scan on insights" not in shown, shown


def test_what_is_known_is_told_to_its_owner_alone(history: History, web_pool: Pool, people: Personas) -> None:
    with web_pool:
        with tenant(web_pool, history.user) as conn:
            assert past_insights.extent(conn, history.profile) == Known(NOW, False)
            assert len(past_insights.of_account(conn, history.profile)) == 20
        history.insight("reach", 1, days_ago(1), posted_at=days_ago(400))
        with tenant(web_pool, history.user) as conn:
            assert past_insights.extent(conn, history.profile) == Known(NOW, True)
        with tenant(web_pool, people.charlie) as conn:
            assert past_insights.extent(conn, history.profile) == Known(None, False)
            assert past_insights.of_account(conn, history.profile) == []
