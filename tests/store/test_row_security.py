"""Over all tables and all four verbs: what is Alice's is no one else's."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.db.roles import require_row_security
from shared.errors import DatabaseError
from tests.conftest import Database, Personas

Owner = psycopg.Connection[dict[str, Any]]
SECRETS = {
    "connections": {"secret", "totp_secret", "login_secret"},
    "sync_jobs": {"sealed", "sealed_input", "cursor", "worker", "lease_until", "fence"},
    "web_sessions": {"token_hash", "tokens", "refreshing_until"},
    "user_keys": {"wrapped_key"},
    "email_confirmations": {"token_hash"},
    "second_factors": {"secret", "last_step", "recovery"},
    "list_pages": {"usernames"},
}
WHO = "select current_user as role, nullif(current_setting('request.jwt.claims', true), '') as claims"
STRANGERS = ("charlie", "bob", "nobody", "forgot")


def tables(owner: Owner, schema: str = "public") -> list[str]:
    rows = owner.execute(
        "select relname from pg_class where relnamespace = %s::regnamespace and relkind in ('r', 'p')", (schema,)
    )
    return sorted(row["relname"] for row in rows)


@pytest.fixture
def filled(owner: Owner, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]) -> UUID:
    """One row of Alice's in every table; returns her profile."""
    alice = people.alice
    profile = make_profile(alice)
    job = make_job(alice, profile, "EXPORT")
    run = owner.execute(
        "insert into list_runs (user_id, profile_id, direction) values (%s, %s, 'follower') returning id",
        (alice, profile),
    ).fetchone()
    assert run is not None
    fill = [
        (
            "insert into connections (user_id, profile_id, method, secret) values (%s, %s, 'browser', 'x')",
            (alice, profile),
        ),
        (
            "insert into request_budget (connection_id, profile_id, user_id) select id, profile_id, user_id"
            " from connections where profile_id = %s",
            (profile,),
        ),
        ("insert into user_keys (user_id, wrapped_key, kek_id) values (%s, 'x', 'k')", (alice,)),
        (
            "insert into email_confirmations (user_id, address, confirmed_at)"
            " select id, email, now() from auth.users where id = %s",
            (alice,),
        ),
        ("insert into second_factors (user_id, secret) values (%s, 'x')", (alice,)),
        (
            "insert into web_sessions (user_id, token_hash, expires_at) values (%s, 'x', now() + interval '1 day')",
            (alice,),
        ),
        (
            "insert into oauth_states (user_id, session_id, state_hash, provider, platform, way_in, redirect_uri,"
            " expires_at) select user_id, id, sha256('x'), 'google', 'youtube', 'google', 'x', now() from web_sessions"
            " where user_id = %s",
            (alice,),
        ),
        (
            "insert into sync_attempts (user_id, job_id, profile_id, kind, fence, worker)"
            " values (%s, %s, %s, 'EXPORT', 1, 'w')",
            (alice, job, profile),
        ),
        (
            "insert into people (user_id, profile_id, platform_id, username, first_seen_at, updated_at)"
            " values (%s, %s, '1', 'a', now(), now())",
            (alice, profile),
        ),
        (
            "insert into person_names (user_id, profile_id, person_id, username, renamed_to, renamed_at)"
            " values (%s, %s, 1, 'a', 'b', now())",
            (alice, profile),
        ),
        (
            "insert into stays (user_id, profile_id, person_id, direction, since, since_known)"
            " values (%s, %s, 1, 'follower', now(), 'before')",
            (alice, profile),
        ),
        (
            "insert into list_pages (run_id, user_id, page, platform_ids, usernames, full_names,"
            " is_private, is_verified) values (%s, %s, 1, '{1}', '{a}', '{n}', '{f}', '{f}')",
            (run["id"], alice),
        ),
        (
            "insert into media (user_id, profile_id, platform_id, kind, first_seen_at, last_seen_at)"
            " values (%s, %s, '1', 'image', now(), now())",
            (alice, profile),
        ),
        (
            "insert into media_metrics (media_id, captured_at, user_id, profile_id, source)"
            " select id, now(), user_id, profile_id, 'web' from media where user_id = %s",
            (alice,),
        ),
        (
            "insert into media_runs (id, user_id, profile_id, verdict, pages, seen, added, changed)"
            " values (gen_random_uuid(), %s, %s, 'whole', 1, 1, 1, 1)",
            (alice, profile),
        ),
        (
            "insert into media_staged"
            " (run_id, platform_id, user_id, profile_id, in_posts, in_reels, observed_at, payload)"
            " values (gen_random_uuid(), '1', %s, %s, true, false, now(), '{}')",
            (alice, profile),
        ),
        (
            "insert into media_people (user_id, profile_id, media_id, role, platform_id, username, first_seen_at,"
            " last_seen_at) select user_id, profile_id, id, 'liker', '1', 'a', now(), now() from media"
            " where user_id = %s",
            (alice,),
        ),
        (
            "insert into media_engagers (media_id, role, user_id, profile_id, known, observed_at)"
            " select id, 'liker', user_id, profile_id, 1, now() from media where user_id = %s",
            (alice,),
        ),
        (
            "insert into official_media (media_id, source, user_id, profile_id, official_id)"
            " select id, 'instagram_login', user_id, profile_id, '1' from media where user_id = %s",
            (alice,),
        ),
        (
            "insert into media_insights (media_id, source, metric, user_id, profile_id, value, captured_at)"
            " select id, 'instagram_login', 'media_reach', user_id, profile_id, 1, now() from media where user_id = %s",
            (alice,),
        ),
        (
            "insert into profile_counts (profile_id, captured_at, user_id, source) values (%s, now(), %s, 'web')",
            (profile, alice),
        ),
        (
            "insert into profile_days (profile_id, day, user_id, formula_version) values (%s, current_date, %s, 1)",
            (profile, alice),
        ),
        (
            "insert into login_screenshots (user_id, profile_id, job_id, picture, expires_at)"
            " values (%s, %s, %s, 'x', now() + interval '1 day')",
            (alice, profile, job),
        ),
        ("insert into exports (user_id, profile_id, what, format) values (%s, %s, 'media', 'csv')", (alice, profile)),
        (
            "insert into imports (user_id, profile_id, filenames, byte_count) values (%s, %s, '{a.zip}', 1)",
            (alice, profile),
        ),
        (
            "insert into imported_media (user_id, profile_id, kind, posted_at, files)"
            " values (%s, %s, 'post', now(), 1)",
            (alice, profile),
        ),
        (
            "insert into insights (user_id, profile_id, source, metric, period, value, captured_at)"
            " values (%s, %s, 'data_download', 'reach', 'lifetime', 1, now())",
            (alice, profile),
        ),
        (
            "insert into insight_days (user_id, profile_id, metric, source, day, value, provisional, captured_at)"
            " values (%s, %s, 'views', 'google', current_date, 1, false, now())",
            (alice, profile),
        ),
        (
            "insert into insight_totals (user_id, profile_id, metric, source, first_day, last_day, value, provisional,"
            " captured_at) values (%s, %s, 'views', 'google', current_date, current_date, 1, false, now())",
            (alice, profile),
        ),
        (
            "insert into audience_shares (user_id, profile_id, source, breakdown, keys, metric, first_day, last_day,"
            " value, captured_at) values (%s, %s, 'google', 'country', '{DE}', 'views', current_date, current_date, 1,"
            " now())",
            (alice, profile),
        ),
        (
            "insert into insight_coverage (user_id, profile_id, source, first_day, last_day, renewed_at)"
            " values (%s, %s, 'google', current_date, current_date, now())",
            (alice, profile),
        ),
        (
            "insert into metric_refusals (user_id, profile_id, source, metric, since, last_at, code)"
            " values (%s, %s, 'google', 'views', now(), now(), 'permission_missing')",
            (alice, profile),
        ),
        (
            "insert into api_calls (connection_id, quota, day, profile_id, user_id)"
            " select id, 'youtube_data', current_date, profile_id, user_id from connections where profile_id = %s",
            (profile,),
        ),
        (
            "insert into alerts (user_id, profile_id, kind) values (%s, %s, 'list_void')",
            (alice, profile),
        ),
        ("insert into account_settings (user_id, timezone) values (%s, 'Asia/Tokyo')", (alice,)),
        ("insert into email_preferences (user_id, alerts) values (%s, true)", (alice,)),
        (
            "insert into alert_deliveries (user_id, alert_id, channel) select user_id, id, 'mail' from alerts"
            " where user_id = %s",
            (alice,),
        ),
        (
            "insert into disabled_endpoints (user_id, profile_id, direction, endpoint, reason, next_probe_at)"
            " values (%s, %s, 'follower', 'rest', 'r', now())",
            (alice, profile),
        ),
    ]
    for statement, values in fill:
        owner.execute(statement, values)
    return profile


class Visitor:
    """Does one statement as someone, and tells how many rows it saw or touched, or that it was refused."""

    def __init__(self, pool: ConnectionPool[WebConnection], people: Personas, who: str) -> None:
        self.pool, self.who = pool, who
        self.user = getattr(people, who, None)

    def tries(self, statement: sql.Composed, values: tuple[Any, ...] = ()) -> int | str:
        try:
            if self.who == "forgot":
                # A request that forgot to say who it is: the role is set, the claims are not.
                with self.pool.connection() as conn, conn.transaction():
                    conn.execute("select set_config('role', 'rollcall_person', true)")
                    return conn.execute(statement, values).rowcount
            with tenant(self.pool, self.user) as conn:
                return conn.execute(statement, values).rowcount
        except psycopg.errors.InsufficientPrivilege:
            return "refused"


def test_the_fixture_fills_every_table(owner: Owner, filled: UUID) -> None:
    """A new table without a row here would pass the tests below unseen."""
    for table in tables(owner):
        count = owner.execute(sql.SQL("select count(*) as n from {}").format(sql.Identifier(table))).fetchone()
        assert count is not None
        assert count["n"] >= 1, f"add a row of Alice's for {table}"


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_sees_a_row_in_any_table(
    who: str, owner: Owner, filled: UUID, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    visitor = Visitor(web_pool, people, who)
    for table in tables(owner):
        seen = visitor.tries(sql.SQL("select user_id from {}").format(sql.Identifier(table)))
        assert seen in (0, "refused"), f"{who} sees {seen} rows of {table}"


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_changes_or_deletes_a_row_in_any_table(
    who: str, owner: Owner, filled: UUID, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    visitor = Visitor(web_pool, people, who)
    for table in tables(owner):
        name = sql.Identifier(table)
        for column in _columns(owner, table):
            changed = visitor.tries(
                sql.SQL("update {} set {} = {}").format(name, sql.Identifier(column), sql.Identifier(column))
            )
            assert changed in (0, "refused"), f"{who} changed {table}.{column}"
        assert visitor.tries(sql.SQL("delete from {}").format(name)) in (0, "refused"), f"{who} deleted from {table}"


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_inserts_a_row_in_alices_name(
    who: str, owner: Owner, filled: UUID, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    visitor = Visitor(web_pool, people, who)
    for table in tables(owner):
        columns = sorted(c for c in _columns(owner, table) if _insertable(owner, table, c)) or ["user_id"]
        row = owner.execute(
            sql.SQL("select {} from {} limit 1").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
            )
        ).fetchone()
        assert row is not None
        values = {**row, "user_id": people.alice}
        values.pop("id", None)
        values = {k: Jsonb(v) if isinstance(v, dict) else v for k, v in values.items()}
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join([sql.Placeholder()] * len(values)),
        )
        assert visitor.tries(statement, tuple(values.values())) == "refused", f"{who} inserted into {table}"


def test_alice_sees_her_own(filled: UUID, web_pool: ConnectionPool[WebConnection], people: Personas) -> None:
    visitor = Visitor(web_pool, people, "alice")
    for table in (
        "profiles",
        "people",
        "stays",
        "list_runs",
        "media",
        "profile_days",
        "sync_attempts",
        "alerts",
        "login_screenshots",
    ):
        assert visitor.tries(sql.SQL("select user_id from {}").format(sql.Identifier(table))) == 1


def test_a_picture_whose_day_is_over_is_seen_by_nobody(
    filled: UUID, web_pool: ConnectionPool[WebConnection], people: Personas, owner: Owner
) -> None:
    owner.execute("update login_screenshots set expires_at = now()")
    assert Visitor(web_pool, people, "alice").tries(sql.SQL("select user_id from login_screenshots").format()) == 0


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, cs in SECRETS.items() for c in sorted(cs)])
def test_the_webs_role_cannot_read_a_secret_column(
    table: str, column: str, filled: UUID, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    statement = sql.SQL("select {} from {}").format(sql.Identifier(column), sql.Identifier(table))
    assert Visitor(web_pool, people, "alice").tries(statement) == "refused"


def test_bob_cannot_hang_a_job_or_connection_on_alices_profile(
    filled: UUID, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    visitor = Visitor(web_pool, people, "bob")
    job = sql.SQL("insert into sync_jobs (user_id, profile_id, kind) values (%s, %s, 'SYNC')").format()
    connection = sql.SQL(
        "insert into connections (user_id, profile_id, method) values (%s, %s, 'data_download')"
    ).format()
    export = sql.SQL("insert into exports (user_id, profile_id, what, format) values (%s, %s, 'media', 'csv')").format()
    for statement in (job, connection, export):
        assert visitor.tries(statement, (people.bob, filled)) == "refused"


def test_the_webs_role_has_no_rights_before_it_says_who_it_is(filled: UUID, database: Database, owner: Owner) -> None:
    with psycopg.connect(database.web, autocommit=True) as conn:
        for table in tables(owner):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(sql.SQL("select from {}").format(sql.Identifier(table)))


def test_claims_do_not_outlive_their_transaction(
    filled: UUID, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    with web_pool.connection() as conn:
        with conn.transaction():
            conn.execute("select set_config('role', 'rollcall_person', true)")
        who = conn.execute(
            "select current_user as role, nullif(current_setting('request.jwt.claims', true), '') as claims"
        ).fetchone()
    with tenant(web_pool, people.alice) as conn:
        assert conn.execute("select count(*) as n from profiles").fetchone() == {"n": 1}
    with web_pool.connection() as conn:
        after = conn.execute(
            "select current_user as role, nullif(current_setting('request.jwt.claims', true), '') as claims"
        ).fetchone()
    assert who == after == {"role": "rollcall_web", "claims": None}


def test_start_up_accepts_the_webs_role(database: Database) -> None:
    with psycopg.connect(database.web) as conn:
        require_row_security(conn)


def test_start_up_refuses_an_owner_or_superuser(database: Database) -> None:
    with psycopg.connect(database.owner) as conn, pytest.raises(DatabaseError, match="bypasses row-level security"):
        require_row_security(conn)


def test_start_up_refuses_a_table_without_row_security(database: Database, owner: Owner) -> None:
    owner.execute("alter table public.media disable row level security")
    with psycopg.connect(database.web) as conn, pytest.raises(DatabaseError, match=r"public\.media has row-level"):
        require_row_security(conn)


def test_every_table_says_whose_row_it_is_and_has_an_index_for_it(owner: Owner) -> None:
    for table in tables(owner):
        leading = owner.execute(
            "select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
            " where i.indrelid = %s::regclass",
            (f"public.{table}",),
        )
        assert "user_id" in {row["attname"] for row in leading}, f"{table} has no index that starts with user_id"


def _columns(owner: Owner, table: str) -> list[str]:
    rows = owner.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " and attgenerated = '' and attidentity = ''",
        (f"public.{table}",),
    )
    return [row["attname"] for row in rows]


def _insertable(owner: Owner, table: str, column: str) -> bool:
    row = owner.execute(
        "select has_column_privilege('rollcall_person', %s::regclass, %s, 'insert') as yes", (f"public.{table}", column)
    ).fetchone()
    assert row is not None
    return bool(row["yes"])
