"""YouTube's client over real HTTP: tokens, channel, uploads, reports, and every refusal that Google knows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.insights import Days
from shared.domain.social import MediaKind, PlatformId
from shared.errors import (
    AccessRevoked,
    AppRefused,
    CodeUsed,
    JobError,
    NoAccountOffered,
    PermissionMissing,
    QuotaSpent,
    SiteFailed,
    SiteUnreachable,
    StaleCursor,
    Suspended,
    Throttled,
    UnexpectedAnswer,
    VaultError,
)
from tests.rig.tiny_google import (
    CHANNEL,
    READ_ANALYTICS,
    READ_CHANNEL,
    UPLOADS,
    Reply,
    TinyGoogle,
    refusal,
    tiny_google,
)
from worker.platforms.base import (
    Cost,
    NoLimit,
    RateLimiter,
    ReadsArchive,
    ReadsAudience,
    ReadsMedia,
    ReadsReels,
    SessionSecret,
)
from worker.platforms.youtube.app import GoogleApp
from worker.platforms.youtube.authorizer import GoogleAuthorizer
from worker.platforms.youtube.source import LiveChannel, YouTubeChannel, opener

SCOPES = [READ_CHANNEL, READ_ANALYTICS]
OWNER = PlatformId(CHANNEL)
WEEK = Days(date(2026, 11, 21), date(2026, 11, 27))


@pytest.fixture
def google() -> Iterator[TinyGoogle]:
    with tiny_google() as made:
        yield made


def app_at(google: TinyGoogle, **changes: Any) -> GoogleApp:
    given = {"client_id": "an-id", "client_secret": "a-secret", **changes}
    return GoogleApp(**given, oauth_url=google.address, api_url=google.address, analytics_url=google.address)


def secret(**changes: Any) -> SessionSecret:
    token = {
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "scopes": SCOPES,
    }
    return SessionSecret(json.dumps(token | changes))


@asynccontextmanager
async def opened(google: TinyGoogle, limiter: RateLimiter | None = None, **changes: Any) -> AsyncIterator[LiveChannel]:
    async with opener(app_at(google))(secret(**changes), limiter or NoLimit()) as live:
        assert isinstance(live, LiveChannel)
        yield live


class Costs:
    """A limiter that remembers each cost, and the quotas that the platform called spent."""

    is_off = True

    def __init__(self) -> None:
        self.calls, self.spent = list[str](), list[str]()

    async def acquire(self, cost: Cost | None = None) -> None:
        if cost is not None:
            self.calls.append(cost.quota)

    async def mark_spent(self, cost: Cost, until: datetime) -> None:
        assert until > datetime.now(UTC)
        self.spent.append(cost.quota)

    def keep_rest(self, cost: Cost, until: datetime) -> None:
        raise AssertionError("no answer said so")


# The token


async def test_a_token_with_time_left_is_used_as_it_is(google: TinyGoogle) -> None:
    async with opened(google) as live:
        await live.check("ada")
        assert json.loads((await live.session()).text)["access_token"] == "access-1"
    assert google.asked("token") == []


@pytest.mark.parametrize("left", [timedelta(minutes=4), timedelta(hours=-1)])
async def test_a_token_that_ends_soon_is_renewed_once_and_the_refresh_token_stays(
    google: TinyGoogle, left: timedelta
) -> None:
    async with opened(google, expires_at=(datetime.now(UTC) + left).isoformat()) as live:
        await live.check("ada")
        await live.source.posts(OWNER, "ada", None)
        kept = json.loads((await live.session()).text)
    assert google.asked("token") == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-1",
            "client_id": "an-id",
            "client_secret": "a-secret",
        }
    ]
    assert (kept["access_token"], kept["refresh_token"], kept["scopes"]) == ("access-2", "refresh-1", sorted(SCOPES))
    assert datetime.fromisoformat(kept["expires_at"]) > datetime.now(UTC)


async def test_a_new_refresh_token_takes_the_place_of_the_old_one(google: TinyGoogle) -> None:
    google.tokens.add("access-9")
    google.fail("token", Reply(200, {"access_token": "access-9", "refresh_token": "refresh-9", "expires_in": 60}))
    async with opened(google, expires_at=datetime.now(UTC).isoformat()) as live:
        await live.check("ada")
        kept = json.loads((await live.session()).text)
    assert (kept["refresh_token"], kept["scopes"]) == ("refresh-9", sorted(SCOPES))


async def test_a_token_of_unknown_end_is_used_until_it_is_refused(google: TinyGoogle) -> None:
    google.tokens.clear()
    async with opened(google, expires_at=None) as live:
        await live.check("ada")
    assert len(google.asked("token")) == 1
    assert len(google.asked("channels")) == 2


async def test_a_refused_token_is_renewed_and_the_call_made_once_more(google: TinyGoogle) -> None:
    google.fail("channels", refusal(401, "authError"))
    async with opened(google) as live:
        assert (await live.check("ada")).value.username == "ada"
    assert [one.token for one in google.requests if one.path.endswith("channels")] == ["access-1", "access-2"]


async def test_a_token_that_is_refused_again_ends_the_access(google: TinyGoogle) -> None:
    google.fail("channels", refusal(401, "authError"), refusal(401, "authError"))
    async with opened(google) as live:
        with pytest.raises(AccessRevoked):
            await live.check("ada")
    assert len(google.asked("channels")) == 2


DEAD = Reply(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (DEAD, AccessRevoked),
        (Reply(401, {"error": "invalid_client"}), AppRefused),
        (Reply(400, {"error": "unauthorized_client"}), AppRefused),
        (Reply(429, {}), Throttled),
        (Reply(503, {}), SiteFailed),
        (Reply(400, {"error": "invalid_request"}), UnexpectedAnswer),
        (Reply(400, "<html>"), UnexpectedAnswer),
        (Reply(200, "<html>"), UnexpectedAnswer),
        (Reply(200, {"expires_in": 3599}), UnexpectedAnswer),
    ],
)
async def test_a_renewal_that_fails_says_why(google: TinyGoogle, reply: Reply, kind: type[JobError]) -> None:
    google.fail("token", reply)
    async with opened(google, expires_at=datetime.now(UTC).isoformat()) as live:
        with pytest.raises(kind):
            await live.check("ada")
        assert json.loads((await live.session()).text)["access_token"] == "access-1"
    assert google.asked("channels") == []


async def test_without_a_refresh_token_the_access_ends_with_its_token(google: TinyGoogle) -> None:
    async with opened(google, refresh_token=None, expires_at=datetime.now(UTC).isoformat()) as live:
        with pytest.raises(AccessRevoked):
            await live.check("ada")
    assert google.requests == []


@pytest.mark.parametrize("text", ["", "[]", '{"storage_state": {}}', '{"access_token": "a"}'])
async def test_a_secret_of_another_form_is_not_opened(google: TinyGoogle, text: str) -> None:
    with pytest.raises(VaultError):
        async with opener(app_at(google))(SessionSecret(text), NoLimit()):
            pass


# The consent


async def test_a_code_becomes_a_grant_that_names_its_channel(google: TinyGoogle) -> None:
    authorizer = GoogleAuthorizer(app_at(google))
    grant = await authorizer.exchange("a-code", "http://127.0.0.1/callback", "a-verifier")
    assert grant.scopes == frozenset(SCOPES)
    assert grant.expires_at is None
    assert json.loads(grant.secret.text)["refresh_token"] == "refresh-1"
    assert google.asked("token") == [
        {
            "grant_type": "authorization_code",
            "code": "a-code",
            "redirect_uri": "http://127.0.0.1/callback",
            "code_verifier": "a-verifier",
            "client_id": "an-id",
            "client_secret": "a-secret",
        }
    ]
    (offered,) = await authorizer.accounts(grant)
    assert (offered.platform_id, offered.username, offered.display_name) == (CHANNEL, "ada", "Ada")
    assert "access" not in repr(grant)


async def test_a_scope_that_was_unticked_is_not_granted(google: TinyGoogle) -> None:
    google.scope = READ_CHANNEL
    grant = await GoogleAuthorizer(app_at(google)).exchange("a-code", "http://127.0.0.1/callback", None)
    assert grant.scopes == {READ_CHANNEL}
    assert "code_verifier" not in google.asked("token")[0]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(400, {"error": "invalid_grant", "error_description": "Malformed auth code."}), CodeUsed),
        (Reply(401, {"error": "invalid_client"}), AppRefused),
        (Reply(400, {"error": "redirect_uri_mismatch"}), AppRefused),
        (Reply(500, {}), SiteFailed),
    ],
)
async def test_a_code_that_is_not_taken_says_why(google: TinyGoogle, reply: Reply, kind: type[JobError]) -> None:
    google.fail("token", reply)
    with pytest.raises(kind):
        await GoogleAuthorizer(app_at(google)).exchange("a-code", "http://127.0.0.1/callback", "v")


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
async def test_an_app_that_is_not_set_up_asks_nothing(google: TinyGoogle, missing: str) -> None:
    with pytest.raises(AppRefused):
        await GoogleAuthorizer(app_at(google, **{missing: None})).exchange("c", "http://127.0.0.1/callback", "v")
    assert google.requests == []


@pytest.mark.parametrize("reply", [None, refusal(401, "youtubeSignupRequired")])
async def test_a_login_without_a_channel_offers_none(google: TinyGoogle, reply: Reply | None) -> None:
    google.has_channel = False
    if reply is not None:
        google.fail("channels", reply)
    authorizer = GoogleAuthorizer(app_at(google))
    with pytest.raises(NoAccountOffered):
        await authorizer.accounts(await authorizer.exchange("a-code", "http://127.0.0.1/callback", "v"))


async def test_a_consent_is_withdrawn_by_its_refresh_token(google: TinyGoogle) -> None:
    await GoogleAuthorizer(app_at(google)).revoke(secret())
    await GoogleAuthorizer(app_at(google)).revoke(secret(refresh_token=None))
    assert google.asked("revoke") == [{"token": "refresh-1"}, {"token": "access-1"}]


async def test_a_consent_that_has_ended_already_is_withdrawn_without_an_error(google: TinyGoogle) -> None:
    google.fail("revoke", Reply(400, {"error": "invalid_token"}), Reply(503, {}))
    await GoogleAuthorizer(app_at(google)).revoke(secret())
    with pytest.raises(SiteFailed):
        await GoogleAuthorizer(app_at(google)).revoke(secret())


# The channel and its uploads


async def test_the_check_is_the_first_reading_of_the_profile(google: TinyGoogle) -> None:
    async with opened(google) as live:
        checked = await live.check("old-name")
        assert await live.source.profile("old-name") == checked
        assert len(google.asked("channels")) == 1
        await live.source.profile("ada")
    assert len(google.asked("channels")) == 2
    assert google.asked("channels")[0] == {"part": "id,snippet,statistics,contentDetails", "mine": "true"}
    facts = checked.value
    assert (facts.platform_id, facts.username, facts.followers, facts.media_count) == (CHANNEL, "ada", 1230, 3)
    assert checked.observed_at == google.now


async def test_hidden_subscribers_are_not_known_and_not_zero(google: TinyGoogle) -> None:
    google.subscribers = None
    async with opened(google) as live:
        assert (await live.check("ada")).value.followers is None


async def test_a_channel_that_is_gone_is_closed(google: TinyGoogle) -> None:
    google.has_channel = False
    async with opened(google) as live:
        with pytest.raises(Suspended, match="closed or gone"):
            await live.check("ada")


async def test_uploads_come_in_pages_of_one_list_and_one_batch(google: TinyGoogle) -> None:
    costs = Costs()
    async with opened(google, costs) as live:
        await live.check("ada")
        first = (await live.source.posts(OWNER, "ada", None)).value
        second = (await live.source.posts(OWNER, "ada", first.next_cursor)).value
    assert [one.platform_id for one in (*first.media, *second.media)] == google.videos
    assert second.next_cursor is None
    assert google.asked("playlistItems")[0] == {"part": "contentDetails", "playlistId": UPLOADS, "maxResults": "50"}
    assert [query["id"] for query in google.asked("videos")] == ["video-000000,video-000001", "video-000002"]
    assert (
        costs.calls
        == ["youtube_data"] * 3 + ["youtube_analytics"] * 2 + ["youtube_data"] * 2 + ["youtube_analytics"] * 2
    )


async def test_a_page_of_uploads_asks_reports_for_engaged_views_and_for_the_shorts_among_them(
    google: TinyGoogle,
) -> None:
    async with opened(google) as live:
        page = (await live.source.posts(OWNER, "ada", None)).value
    assert [(one.kind, one.metrics.engaged_views) for one in page.media] == [
        (MediaKind.VIDEO, 80),
        (MediaKind.SHORT, 81),
    ]
    engaged, shorts = google.asked("reports")
    assert engaged["filters"] == "video==video-000000,video-000001"
    assert shorts["filters"] == "video==video-000000,video-000001;creatorContentType==shorts"
    for asked in (engaged, shorts):
        assert (asked["dimensions"], asked["metrics"]) == ("video", "views,engagedViews")
        assert (asked["sort"], asked["maxResults"]) == ("-views", "2")
        assert (asked["startDate"], asked["endDate"]) == ("2026-11-10", "2026-11-29")


async def test_a_video_without_figures_has_no_engaged_views_and_is_no_short_yet(google: TinyGoogle) -> None:
    google.has_no_data = True
    async with opened(google) as live:
        page = (await live.source.posts(OWNER, "ada", None)).value
    assert {(one.kind, one.metrics.engaged_views) for one in page.media} == {(MediaKind.VIDEO, None)}


async def test_no_report_is_asked_for_videos_of_today(google: TinyGoogle) -> None:
    google.now = datetime(2026, 11, 10, 18, tzinfo=UTC)
    google.videos = google.videos[:1]
    async with opened(google) as live:
        assert len((await live.source.posts(OWNER, "ada", None)).value.media) == 1
    assert google.asked("reports") == []


async def test_a_video_is_read_with_what_it_counts(google: TinyGoogle) -> None:
    async with opened(google) as live:
        video = (await live.source.media(PlatformId("video-000001"), OWNER, "ada")).value
    assert video is not None
    assert (video.metrics.plays, video.metrics.likes, video.metrics.comments) == (1001, 7, None)
    assert (video.duration_seconds, video.hashtags, video.in_grid) == (63, ("maths",), True)
    assert video.posted_at == datetime(2026, 11, 11, 10, tzinfo=UTC)


async def test_a_deleted_video_is_none_and_is_left_out_of_its_page(google: TinyGoogle) -> None:
    google.deleted.add("video-000001")
    async with opened(google) as live:
        assert (await live.source.media(PlatformId("video-000001"), OWNER, "ada")).value is None
        page = (await live.source.posts(OWNER, "ada", None)).value
    assert [one.platform_id for one in page.media] == ["video-000000"]
    assert page.next_cursor == "2"


async def test_a_channel_without_videos_has_no_uploads(google: TinyGoogle) -> None:
    google.videos.clear()
    async with opened(google) as live:
        page = (await live.source.posts(OWNER, "ada", None)).value
    assert (page.media, page.next_cursor) == ((), None)


async def test_a_page_that_is_known_no_longer_is_told_apart(google: TinyGoogle) -> None:
    google.fail("playlistItems", refusal(400, "invalidPageToken"))
    async with opened(google) as live:
        with pytest.raises(StaleCursor):
            await live.source.posts(OWNER, "ada", "old")


async def test_a_channel_has_videos_and_no_reels_or_archive(google: TinyGoogle) -> None:
    async with opened(google) as live:
        assert isinstance(live.source, ReadsMedia)
        assert isinstance(live.source, ReadsAudience)
        assert not isinstance(live.source, ReadsReels | ReadsArchive)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(403, "quotaExceeded"), QuotaSpent),
        (refusal(403, "dailyLimitExceeded"), QuotaSpent),
        (refusal(403, "rateLimitExceeded"), Throttled),
        (refusal(429, "userRateLimitExceeded"), Throttled),
        (refusal(403, "insufficientPermissions"), PermissionMissing),
        (refusal(403, "accessNotConfigured"), AppRefused),
        (refusal(403, "channelSuspended"), Suspended),
        (refusal(400, "badRequest"), UnexpectedAnswer),
        (refusal(500, "backendError"), SiteFailed),
        (Reply(200, "{"), UnexpectedAnswer),
        (Reply(200, {"items": [{}]}), UnexpectedAnswer),
        (Reply(204, ""), UnexpectedAnswer),
    ],
)
async def test_a_refusal_of_the_data_api_is_its_error(google: TinyGoogle, reply: Reply, kind: type[JobError]) -> None:
    google.fail("channels", reply)
    costs = Costs()
    async with opened(google, costs) as live:
        with pytest.raises(kind):
            await live.check("ada")
    assert costs.spent == (["youtube_data"] if kind is QuotaSpent else [])


async def test_a_google_that_is_not_there_is_unreachable() -> None:
    with tiny_google() as gone:
        pass
    async with opened(gone) as live:
        with pytest.raises(SiteUnreachable):
            await live.check("ada")


# The reports

Read = Callable[[YouTubeChannel], Any]


async def test_the_days_that_are_there_end_yesterday_in_pacific_time(google: TinyGoogle) -> None:
    # Still the 29th in Pacific time.
    google.now = datetime(2026, 11, 30, 7, 59, tzinfo=UTC)
    async with opened(google) as live:
        assert (await live.source.days_there()).value == Days(date(2026, 11, 1), date(2026, 11, 28))


async def test_a_channel_that_began_today_has_one_day_to_ask_for(google: TinyGoogle) -> None:
    google.began = google.now.isoformat()
    async with opened(google) as live:
        assert (await live.source.days_there()).value == Days(date(2026, 11, 29), date(2026, 11, 29))


async def test_all_metrics_of_a_range_come_in_one_call(google: TinyGoogle) -> None:
    costs = Costs()
    async with opened(google, costs) as live:
        series = (await live.source.daily(WEEK)).value
    (asked,) = google.asked("reports")
    assert asked == {
        "ids": "channel==MINE",
        "startDate": "2026-11-21",
        "endDate": "2026-11-27",
        "dimensions": "day",
        "sort": "day",
        "metrics": "views,engagedViews,estimatedMinutesWatched,averageViewDuration,averageViewPercentage,likes,"
        "comments,shares,subscribersGained,subscribersLost",
    }
    assert costs.calls == ["youtube_analytics"]
    assert len(series.figures) == 7 * 10
    assert series.refused == frozenset()
    averages = {one.value for one in series.figures if one.metric == "average_view_percent"}
    assert averages == {Decimal("42.5")}


async def test_a_metric_that_is_refused_costs_only_itself(google: TinyGoogle) -> None:
    google.refused_metrics = {"engagedViews"}
    async with opened(google) as live:
        series = (await live.source.daily(WEEK)).value
        totals = (await live.source.totals(WEEK)).value
    assert series.refused == totals.refused == {"engaged_views"}
    assert len({one.metric for one in series.figures}) == len(totals.figures) == 9


async def test_a_channel_to_which_everything_is_refused_is_asked_in_a_wrong_way(google: TinyGoogle) -> None:
    google.fail("reports", *[refusal(400, "badRequest") for _ in range(11)])
    async with opened(google) as live:
        with pytest.raises(UnexpectedAnswer):
            await live.source.daily(WEEK)


async def test_a_report_without_rows_has_no_data_and_no_zeros(google: TinyGoogle) -> None:
    google.has_no_data = True
    async with opened(google) as live:
        assert (await live.source.daily(WEEK)).value.figures == ()
        assert (await live.source.totals(WEEK)).value.figures == ()
        assert (await live.source.audience(WEEK)).value.shares == ()


async def test_the_last_days_are_missing_while_the_report_lags(google: TinyGoogle) -> None:
    google.last_day = date(2026, 11, 25)
    async with opened(google) as live:
        series = (await live.source.daily(WEEK)).value
    assert max(one.day for one in series.figures) == date(2026, 11, 25)


async def test_the_audience_comes_by_each_breakdown_and_the_refused_ones_are_named(google: TinyGoogle) -> None:
    async with opened(google) as live:
        shown = (await live.source.audience(WEEK)).value
    assert shown.refused == {"content_type_traffic"}
    assert {one.breakdown for one in shown.shares} == {
        "age_gender",
        "country",
        "subscribed",
        "traffic",
        "content_type",
    }
    pairs = [one for one in shown.shares if one.breakdown == "age_gender"]
    assert [(one.keys, one.metric, int(one.value)) for one in pairs] == [
        (("age18-24", "female"), "viewer_percent", 50),
        (("age25-34", "male"), "viewer_percent", 50),
    ]


async def test_without_the_permission_no_report_is_asked_for(google: TinyGoogle) -> None:
    async with opened(google, scopes=[READ_CHANNEL]) as live:
        for asks in (live.source.daily, live.source.totals, live.source.audience):
            with pytest.raises(PermissionMissing):
                await asks(WEEK)
    assert google.requests == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(403, "forbidden"), PermissionMissing),
        (refusal(403, "quotaExceeded"), QuotaSpent),
        (refusal(429, "rateLimitExceeded"), Throttled),
        (refusal(503, "backendError"), SiteFailed),
        (Reply(200, {"columnHeaders": [{"name": "day"}], "rows": [["2026-11-21", 1]]}), UnexpectedAnswer),
        (Reply(200, {"columnHeaders": [{"name": "views"}], "rows": [[1]]}), UnexpectedAnswer),
        (Reply(200, {"rows": [["2026-11-21"]]}), UnexpectedAnswer),
        (Reply(200, {"rows": "many"}), UnexpectedAnswer),
        (Reply(200, {"columnHeaders": [{"name": "day"}, {"name": "views"}], "rows": [["x", 1]]}), UnexpectedAnswer),
    ],
)
async def test_a_refusal_of_the_analytics_api_is_its_error(
    google: TinyGoogle, reply: Reply, kind: type[JobError]
) -> None:
    google.fail("reports", reply)
    costs = Costs()
    async with opened(google, costs) as live:
        with pytest.raises(kind):
            await live.source.daily(WEEK)
    assert costs.spent == (["youtube_analytics"] if kind is QuotaSpent else [])


async def test_a_cell_that_is_no_number_is_no_figure(google: TinyGoogle) -> None:
    columns = [{"name": "day"}, {"name": "views"}, {"name": "likes"}]
    google.fail("reports", Reply(200, {"columnHeaders": columns, "rows": [["2026-11-21", None, 3]]}))
    async with opened(google) as live:
        figures = (await live.source.daily(WEEK)).value.figures
    assert [(one.metric, int(one.value)) for one in figures] == [("likes", 3)]
