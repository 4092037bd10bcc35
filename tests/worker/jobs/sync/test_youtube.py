"""A YouTube channel through the real jobs: its profile, its uploads, its days and its audience, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from shared import logs
from shared.db.pools import WorkerConnection
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import INTERACTIVE_PRIORITY, SCHEDULED_PRIORITY, JobKind
from shared.errors import (
    AccessRevoked,
    PermissionMissing,
    QuotaSpent,
    SiteFailed,
    StaleCursor,
    Suspended,
    WrongAccount,
)
from shared.files.folder import FolderFiles
from shared.platforms.youtube import DATA, YOUTUBE
from shared.settings import load
from shared.store.users import data_keys
from shared.vault import KeyRing, Place
from tests.conftest import Personas
from tests.rig.tiny_google import READ_ANALYTICS, READ_CHANNEL, Reply, TinyGoogle, refusal, tiny_google
from tests.worker.handling import claim, taken_over
from worker import bootstrap
from worker.browser.pool import BrowserPool
from worker.jobs.base import JobContext
from worker.notify.base import Letter
from worker.notify.deliver import deliver
from worker.platforms import registry
from worker.platforms.base import Cost
from worker.quota_limiter import QuotaLimiter
from worker.runner.attempt import Rules, attempt
from worker.runner.context import Context
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
SCOPES = [READ_CHANNEL, READ_ANALYTICS]
RULES = Rules(RetryPolicy(timedelta(seconds=1), timedelta(seconds=2), timedelta(hours=4)), timedelta(seconds=1))


class Hand:
    """Keeps the letters that it is to send."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)


@pytest.fixture
def google() -> Iterator[TinyGoogle]:
    with tiny_google() as made:
        yield made


@dataclass
class Desk:
    """A connected channel, the Google behind it, and its jobs."""

    owner: Owner
    pool: Pool
    google: TinyGoogle
    services: Services
    user_id: UUID
    profile_id: UUID
    make_job: Callable[..., UUID]

    async def start(self, kind: JobKind, **given: Any) -> Context:
        """A job of the kind, claimed."""
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, kind, **given)
        return await claim(self.pool)

    async def work(self, ctx: Context) -> None:
        """Works on a claimed job; raises what its handler raises."""
        await bootstrap.handlers(self.services)[ctx.job.kind](ctx)

    async def run(self, kind: JobKind, **given: Any) -> None:
        """Runs one whole job; raises what its handler raises."""
        await self.work(await self.start(kind, **given))

    async def attempt(self, kind: JobKind) -> dict[str, Any]:
        """Runs one attempt as the loop does, and returns the job as it is then."""
        ctx = await self.start(kind)
        await attempt(ctx, self._handle, RULES, self.pool)
        return self.one("select state, error_code, attempt, run_at from sync_jobs")

    async def _handle(self, ctx: JobContext) -> None:
        await bootstrap.handlers(self.services)[ctx.job.kind](ctx)

    def allow_derived_metrics(self) -> None:
        """The operator has accepted YouTube's amendment."""
        settings = replace(self.services.settings, youtube_derived_metrics=True)
        platforms = registry.clients(self.services.browser, settings)
        self.services = replace(self.services, settings=settings, platforms=platforms)

    def want_mail(self) -> None:
        """The person wants alerts by mail, and has confirmed the address."""
        self.owner.execute("insert into email_preferences (user_id, alerts) values (%s, true)", [self.user_id])
        self.owner.execute(
            "insert into email_confirmations (user_id, address, state, confirmed_at)"
            " select id, email, 'SENT', now() from auth.users where id = %s",
            [self.user_id],
        )

    def reports(self) -> list[dict[str, str]]:
        return self.google.asked("reports")

    def rows(self, statement: str) -> list[dict[str, Any]]:
        return self.owner.execute(statement.encode()).fetchall()

    def one(self, statement: str) -> dict[str, Any]:
        (row,) = self.rows(statement)
        return row

    async def store(self, **changes: Any) -> None:
        """Gives the channel a connection with these tokens."""
        token = {
            "access_token": "access-1",
            "refresh_token": "refresh-1",
            "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "scopes": SCOPES,
            **changes,
        }
        self.owner.execute("delete from connections")
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
            row = await (
                await conn.execute(
                    "insert into public.connections (user_id, profile_id, method, state)"
                    " values (%s, %s, 'google', 'ACTIVE') returning id",
                    (self.user_id, self.profile_id),
                )
            ).fetchone()
            assert row is not None
            secret = key.encrypt(json.dumps(token).encode(), Place("connections", "secret", self.user_id, row["id"]))
            await conn.execute("update public.connections set secret = %s where id = %s", (secret, row["id"]))

    async def token(self) -> dict[str, Any]:
        """The stored token."""
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
            row = await (await conn.execute("select id, secret from public.connections")).fetchone()
        assert row is not None
        place = Place("connections", "secret", self.user_id, row["id"])
        found: dict[str, Any] = json.loads(key.decrypt(row["secret"], place))
        return found


def services_for(pool: Pool, address: str, **changes: Any) -> Services:
    names = ("google_oauth_url", "youtube_api_url", "youtube_analytics_url")
    app = {"google_client_id": "an-id", "google_client_secret": "a-secret"}
    settings = load({}, **dict.fromkeys(names, address), **{**app, **changes})
    browser = BrowserPool(settings)
    return Services(
        settings=settings,
        pool=pool,
        keyring=KeyRing.generate(datetime(2026, 1, 1, tzinfo=UTC)),
        browser=browser,
        platforms=registry.clients(browser, settings),
        files=FolderFiles(settings.data_dir / "exports"),
        log=logs.get("test"),
    )


@pytest.fixture
async def desk(
    owner: Owner,
    worker_pool: Pool,
    google: TinyGoogle,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> Desk:
    profile = make_profile(people.alice, "ada", platform="youtube")
    services = services_for(worker_pool, google.address)
    made = Desk(owner, worker_pool, google, services, people.alice, profile, make_job)
    await made.store()
    return made


async def test_a_sync_stores_profile_uploads_days_totals_and_audience_under_their_source(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    profile = desk.one("select username, display_name, followers, following, media_count from profiles")
    assert profile == {
        "username": "ada",
        "display_name": "Ada",
        "followers": 1230,
        "following": None,
        "media_count": 3,
    }
    assert desk.one("select source, followers from profile_counts") == {"source": "google", "followers": 1230}
    media = desk.rows(
        "select kind, plays, engaged_views, likes, comments, in_grid, er_formula, permalink from media order by plays"
    )
    assert [row["plays"] for row in media] == [1000, 1001, 1002]
    assert {(row["likes"], row["comments"], row["er_formula"]) for row in media} == {(7, None, None)}
    assert [row["kind"] for row in media] == ["video", "short", "video"]
    assert [row["engaged_views"] for row in media] == [80, 81, 80]
    assert desk.one("select count(*) as n from media_metrics where engaged_views is not null") == {"n": 3}
    assert [row["in_grid"] for row in media] == [False, True, True]
    assert media[0]["permalink"] == "https://www.youtube.com/watch?v=video-000000"
    assert desk.one("select distinct source from media_metrics") == {"source": "google"}
    days = desk.rows("select day, value, provisional from insight_days where metric = 'views' order by day")
    assert days[0] == {"day": date(2026, 11, 1), "value": Decimal(100), "provisional": False}
    assert days[-1]["day"] == desk.google.last_day
    assert len(desk.rows("select distinct metric from insight_days where source = 'google'")) == 10
    lengths = desk.rows("select distinct last_day - first_day + 1 as days from insight_totals order by days")
    assert [row["days"] for row in lengths] == [7, 28]
    shares = desk.rows("select keys, value from audience_shares where breakdown = 'age_gender' order by keys")
    assert shares[0] == {"keys": ["age18-24", "female"], "value": Decimal(50)}


async def test_a_later_reading_asks_for_the_trailing_week_and_for_the_totals_alone(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    desk.google.requests.clear()
    desk.google.now += timedelta(days=1)
    desk.google.last_day += timedelta(days=1)
    await desk.run(JobKind.SYNC_INSIGHTS)
    asked = [(one["startDate"], one["endDate"], "day" in one.get("dimensions", "")) for one in desk.reports()]
    assert asked == [
        ("2026-11-23", "2026-11-30", True),
        ("2026-11-22", "2026-11-28", False),
        ("2026-11-01", "2026-11-28", False),
    ]
    days = desk.one("select count(*) as n, max(day) as last from insight_days where metric = 'views'")
    assert days == {"n": 28, "last": date(2026, 11, 28)}


async def test_the_newest_days_are_provisional_and_a_later_reading_settles_them(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    provisional = "select min(day) as first from insight_days where provisional"
    assert desk.one(provisional) == {"first": date(2026, 11, 27)}
    desk.google.now += timedelta(days=4)
    await desk.run(JobKind.SYNC_INSIGHTS)
    assert desk.one(provisional) == {"first": None}


async def test_the_first_reading_goes_back_to_the_first_day_and_says_how_far_it_is(desk: Desk) -> None:
    desk.google.began = "2021-05-01T12:00:00Z"
    await desk.run(JobKind.SYNC)
    days = [(one["startDate"], one["endDate"]) for one in desk.reports() if one.get("dimensions") == "day"]
    assert days == [("2024-11-30", "2026-11-29"), ("2022-12-01", "2024-11-29"), ("2021-05-01", "2022-11-30")]
    found = desk.one("select first_day, last_day, complete, source from insight_coverage")
    assert found == {
        "first_day": date(2021, 5, 1),
        "last_day": date(2026, 11, 29),
        "complete": True,
        "source": "google",
    }


async def test_a_retry_does_not_ask_again_for_what_is_stored(desk: Desk) -> None:
    desk.google.began = "2021-05-01T12:00:00Z"
    await desk.run(JobKind.SYNC_PROFILE)
    ctx = await desk.start(JobKind.SYNC_INSIGHTS)
    desk.google.after("reports", 1, Reply(503, {}))
    with pytest.raises(SiteFailed):
        await desk.work(ctx)
    stored = desk.one("select min(day) as first from insight_days")
    assert stored == {"first": date(2024, 11, 30)}
    again = await taken_over(desk.pool, ctx)
    desk.google.requests.clear()
    await desk.work(again)
    assert [one["startDate"] for one in desk.reports()][:2] == ["2022-12-01", "2021-05-01"]


async def test_figures_that_may_not_be_kept_are_read_anew_and_what_is_gone_goes(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    desk.google.now += timedelta(days=21)
    desk.google.refused_metrics = {"shares"}
    await desk.run(JobKind.SYNC_INSIGHTS)
    first = desk.one("select min(captured_at) as at from insight_days")
    assert first == {"at": desk.google.now}
    assert desk.rows("select from insight_days where metric = 'shares'") == []
    assert desk.one("select metric, code from metric_refusals where metric = 'shares'") == {
        "metric": "shares",
        "code": "report_refused",
    }


async def test_an_installation_that_may_keep_them_reads_only_the_trailing_week(desk: Desk) -> None:
    desk.allow_derived_metrics()
    await desk.run(JobKind.SYNC)
    desk.google.requests.clear()
    desk.google.now += timedelta(days=21)
    await desk.run(JobKind.SYNC_INSIGHTS)
    assert desk.reports()[0]["startDate"] == "2026-11-23"


async def test_rates_are_worked_out_only_where_the_installation_may(desk: Desk) -> None:
    desk.allow_derived_metrics()
    desk.google.comments = "3"
    desk.google.now = datetime(2026, 11, 24, 18, tzinfo=UTC)
    await desk.run(JobKind.SYNC)
    rates = desk.rows("select er_formula, er_numerator, er_denominator from media order by platform_id")
    assert rates[0] == {"er_formula": "er_views", "er_numerator": 10, "er_denominator": 80}
    too_young = {"er_formula": None, "er_numerator": None, "er_denominator": None}
    assert rates[1:] == [too_young, too_young], "engaged views come days after likes and comments"


async def test_videos_are_stored_without_their_reports_where_these_are_refused(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    desk.google.fail("reports", refusal(400, "badRequest"), refusal(403, "accessNotConfigured"))
    await desk.run(JobKind.SYNC_MEDIA, args=Jsonb({"all": True}))
    stored = desk.rows("select kind, engaged_views from media order by platform_id")
    assert [row["kind"] for row in stored] == ["video", "short", "video"], "what was known stays so"
    assert [row["engaged_views"] for row in stored] == [80, 81, 80]


async def test_a_sync_goes_on_without_a_permission_that_was_not_given_and_says_since_when(desk: Desk) -> None:
    await desk.store(scopes=[READ_CHANNEL])
    await desk.run(JobKind.SYNC)
    assert desk.reports() == []
    assert len(desk.rows("select from media")) == 3
    refused = desk.rows("select distinct code from metric_refusals")
    assert refused == [{"code": "permission_missing"}]
    assert len(desk.rows("select from metric_refusals")) == 11
    with pytest.raises(PermissionMissing):
        await desk.run(JobKind.SYNC_INSIGHTS)
    assert desk.one("select state from connections") == {"state": "ACTIVE"}


async def test_a_permission_that_is_withdrawn_later_is_asked_about_once_and_the_connection_has_it_no_more(
    desk: Desk,
) -> None:
    desk.google.scope = READ_CHANNEL
    desk.google.fail("reports", refusal(403, "insufficientPermissions"))
    await desk.run(JobKind.SYNC)
    assert desk.one("select scopes from connections") == {"scopes": [READ_CHANNEL]}
    assert (await desk.token())["scopes"] == [READ_CHANNEL]
    desk.google.requests.clear()
    await desk.run(JobKind.SYNC)
    assert desk.reports() == []
    assert desk.one("select state from connections") == {"state": "ACTIVE"}


async def test_a_permission_that_is_given_later_is_noted_no_more(desk: Desk) -> None:
    await desk.store(scopes=[READ_CHANNEL])
    await desk.run(JobKind.SYNC)
    await desk.store()
    await desk.run(JobKind.SYNC)
    assert [row["metric"] for row in desk.rows("select metric from metric_refusals")] == ["content_type_traffic"]


async def test_an_access_that_was_withdrawn_ends_the_connection_and_is_told(desk: Desk) -> None:
    desk.google.fail("token", Reply(400, {"error": "invalid_grant"}))
    await desk.store(expires_at=datetime.now(UTC).isoformat())
    with pytest.raises(AccessRevoked):
        await desk.run(JobKind.SYNC_INSIGHTS)
    connection = desk.one("select state, state_code from connections")
    assert connection == {"state": "EXPIRED", "state_code": "access_revoked"}
    assert desk.one("select kind from alerts where closed_at is null")["kind"] == "session_dead"


async def test_an_access_that_was_withdrawn_is_one_mail_however_often_it_is_met(desk: Desk) -> None:
    desk.want_mail()
    hand = Hand()
    for _ in range(3):
        await desk.store(expires_at=datetime.now(UTC).isoformat())
        desk.google.fail("token", Reply(400, {"error": "invalid_grant"}))
        with pytest.raises(AccessRevoked):
            await desk.run(JobKind.SYNC_INSIGHTS)
        await deliver(desk.pool, hand, "https://rollcall.example.org")
    (letter,) = hand.letters
    assert letter.to == "alice@example.org"
    assert letter.text.startswith("YouTube no longer accepts the access that you gave")
    assert f"https://rollcall.example.org/profiles/{desk.profile_id}" in letter.text


async def test_a_renewed_token_is_stored_and_an_error_on_the_way_does_not_lose_it(desk: Desk) -> None:
    await desk.store(expires_at=datetime.now(UTC).isoformat())
    desk.google.fail("reports", Reply(503, {}))
    await desk.run(JobKind.SYNC_PROFILE)
    assert (await desk.token())["access_token"] == "access-2"
    await desk.store(expires_at=datetime.now(UTC).isoformat())
    desk.google.fail("reports", Reply(503, {}))
    with pytest.raises(SiteFailed):
        await desk.run(JobKind.SYNC_INSIGHTS)
    stored = await desk.token()
    assert (stored["access_token"], stored["refresh_token"]) == ("access-3", "refresh-1")


async def test_each_call_is_counted_for_app_and_connection(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    made = {name: len(desk.google.asked(name)) for name in ("channels", "playlistItems", "videos", "reports")}
    counted = desk.rows("select quota, calls, units from api_calls order by quota")
    data = made["channels"] + made["playlistItems"] + made["videos"]
    assert counted == [
        {"quota": "youtube_analytics", "calls": made["reports"], "units": made["reports"]},
        {"quota": "youtube_data", "calls": data, "units": data},
    ]
    app = desk.rows("select quota, units, day_limit from rollcall.api_quotas order by quota")
    assert app == [
        {"quota": "youtube_analytics", "units": made["reports"], "day_limit": None},
        {"quota": "youtube_data", "units": data, "day_limit": 10_000},
    ]
    assert made == {"channels": 1, "playlistItems": 2, "videos": 2, "reports": 13}


async def test_near_the_end_of_the_quota_only_what_a_person_started_goes_on(desk: Desk) -> None:
    await desk.run(JobKind.SYNC_PROFILE)
    desk.owner.execute("update rollcall.api_quotas set units = 9000")
    desk.google.requests.clear()
    with pytest.raises(QuotaSpent):
        await desk.run(JobKind.SYNC_MEDIA, priority=SCHEDULED_PRIORITY)
    assert desk.google.requests == []
    await desk.run(JobKind.SYNC_MEDIA, priority=INTERACTIVE_PRIORITY)
    assert len(desk.rows("select from media")) == 3


@pytest.mark.parametrize(("priority", "goes_on"), [(SCHEDULED_PRIORITY, False), (INTERACTIVE_PRIORITY, True)])
async def test_what_the_platform_calls_little_is_kept_for_people(desk: Desk, priority: int, goes_on: bool) -> None:
    ctx = await desk.start(JobKind.SYNC_MEDIA, priority=priority)
    connection = desk.one("select id from connections")["id"]
    limiter, cost = QuotaLimiter(ctx, desk.pool, connection, [DATA]), Cost(DATA.name)
    await limiter.acquire(cost)
    limiter.keep_rest(cost, datetime.now(UTC) + timedelta(hours=1))
    if goes_on:
        await limiter.acquire(cost)
    else:
        with pytest.raises(QuotaSpent, match="kept for what people start"):
            await limiter.acquire(cost)
    limiter.keep_rest(cost, datetime.now(UTC) - timedelta(seconds=1))
    await limiter.acquire(cost)


async def test_a_spent_quota_waits_as_a_job_for_midnight_and_leaves_the_connection_alone(desk: Desk) -> None:
    desk.google.fail("channels", refusal(403, "quotaExceeded"))
    job = await desk.attempt(JobKind.SYNC_PROFILE)
    assert (job["state"], job["error_code"]) == ("WAITING", "quota_spent")
    assert job["run_at"].astimezone(ZoneInfo("America/Los_Angeles")).time() == time()
    told = desk.one("select error_params from sync_jobs")["error_params"]
    assert (told["quota"], datetime.fromisoformat(told["reset"])) == ("youtube_data", job["run_at"])
    assert desk.one("select state, cooldown_until from connections") == {"state": "ACTIVE", "cooldown_until": None}
    desk.google.requests.clear()
    with pytest.raises(QuotaSpent):
        await desk.run(JobKind.SYNC_PROFILE)
    assert desk.google.requests == [], "no worker asks again before that"


async def test_too_many_calls_wait_for_the_time_that_google_names_and_cool_nothing_down(desk: Desk) -> None:
    throttled = refusal(429, "rateLimitExceeded")
    desk.google.fail("channels", Reply(429, throttled.body, {"Retry-After": "3600"}), throttled)
    job = await desk.attempt(JobKind.SYNC_PROFILE)
    assert (job["state"], job["error_code"], job["attempt"]) == ("WAITING", "throttled", 0)
    assert job["run_at"] > datetime.now(UTC) + timedelta(minutes=50)
    assert desk.one("select cooldown_until from connections") == {"cooldown_until": None}


async def test_a_page_that_is_known_no_longer_begins_the_uploads_anew(desk: Desk) -> None:
    await desk.run(JobKind.SYNC_PROFILE)
    ctx = await desk.start(JobKind.SYNC_MEDIA)
    desk.google.after("playlistItems", 1, refusal(400, "invalidPageToken"))
    with pytest.raises(StaleCursor):
        await desk.work(ctx)
    again = await taken_over(desk.pool, ctx)
    await desk.work(again)
    assert len(desk.rows("select from media")) == 3
    assert desk.one("select verdict, seen from media_runs") == {"verdict": "whole", "seen": 3}


async def test_a_video_that_was_deleted_is_gone_and_not_zero(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    gone = desk.google.videos.pop(1)
    desk.google.now += timedelta(days=8)
    await desk.run(JobKind.SYNC_MEDIA)
    row = desk.one(f"select gone_as, plays from media where platform_id = '{gone}'")
    assert row == {"gone_as": "deleted", "plays": 1001}


async def test_a_channel_that_is_closed_stops_its_connection_and_says_so(desk: Desk) -> None:
    desk.google.has_channel = False
    with pytest.raises(Suspended):
        await desk.run(JobKind.SYNC_PROFILE)
    connection = desk.one("select state, state_code, state_params from connections")
    assert connection == {"state": "CHALLENGED", "state_code": "suspended", "state_params": {"variant": "closed"}}


async def test_another_channel_than_the_one_whose_history_is_kept_is_refused(desk: Desk) -> None:
    desk.owner.execute("update profiles set external_id = 'UCxxxxxxxxxxxxxxxxxxxxxx'")
    with pytest.raises(WrongAccount):
        await desk.run(JobKind.SYNC_PROFILE)


async def test_a_new_audience_stands_beside_the_earlier_one(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    desk.google.now += timedelta(days=7)
    desk.google.last_day += timedelta(days=7)
    await desk.run(JobKind.SYNC_INSIGHTS)
    await desk.run(JobKind.SYNC_AUDIENCE)
    days = desk.rows("select distinct last_day, last_day - first_day + 1 as days from audience_shares order by 1")
    assert [(row["last_day"], row["days"]) for row in days] == [(date(2026, 11, 27), 90), (date(2026, 12, 4), 90)]


async def test_a_channel_without_any_figure_has_no_totals_and_no_zeros(desk: Desk) -> None:
    desk.google.has_no_data = True
    await desk.run(JobKind.SYNC)
    for table in ("insight_days", "insight_totals", "audience_shares"):
        assert desk.rows(f"select from {table}") == []
    assert desk.one("select complete from insight_coverage") == {"complete": True}
    assert [one.get("dimensions", "") for one in desk.reports()].count("") == 0


async def test_a_channel_is_due_daily_for_figures_and_weekly_for_its_audience(desk: Desk) -> None:
    found = desk.rows("select kind, every from schedules order by kind")
    every = {row["kind"]: row["every"] for row in found}
    assert every.keys() == {kind.value for kind in YOUTUBE.kinds}
    assert every["SYNC_INSIGHTS"] == timedelta(days=1)
    assert every["SYNC_AUDIENCE"] == timedelta(days=7)
