"""Instagram's official client over real HTTP: tokens, account, media, figures, and every refusal that Meta knows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox.world.posts import shortcode
from shared.domain.insights import Days, MediaFigures
from shared.domain.social import Media, MediaKind, OfficialMedium, PlatformId
from shared.errors import (
    AccessRevoked,
    AppRefused,
    CheckpointRequired,
    CodeUsed,
    JobError,
    NoAccountOffered,
    PageAccessLost,
    PermissionMissing,
    RateLimited,
    SiteFailed,
    SiteUnreachable,
    StaleCursor,
    Throttled,
    UnexpectedAnswer,
    VaultError,
)
from tests.rig.tiny_meta import ACCOUNT, BASIC, INSIGHTS, SCOPED, Medium, TinyMeta, refusal, tiny_meta
from tests.rig.tiny_server import Reply
from worker.platforms.base import (
    Cost,
    LooksUpMedia,
    NoLimit,
    RateLimiter,
    ReadsAudience,
    ReadsMediaFigures,
    ReadsPeople,
    ReadsStories,
    ReadsViewers,
    SessionSecret,
)
from worker.platforms.instagram_graph.app import InstagramApp
from worker.platforms.instagram_graph.authorizer import InstagramAuthorizer
from worker.platforms.instagram_graph.source import LiveAccount, opener

SCOPES = [BASIC, INSIGHTS]
OWNER = PlatformId(ACCOUNT)
BACK = "http://127.0.0.1/callback"
WEEK = Days(date(2026, 11, 23), date(2026, 11, 29))
DAY = {"views", "accounts_engaged", "total_interactions", "likes", "comments", "saves", "shares", "replies"}
DAY |= {"reposts", "profile_links_taps", "follows", "unfollows", "profile_views"}


@pytest.fixture
def meta() -> Iterator[TinyMeta]:
    with tiny_meta() as made:
        yield made


def app_at(meta: TinyMeta, **changes: Any) -> InstagramApp:
    given = {"app_id": "an-id", "app_secret": "a-secret", **changes}
    return InstagramApp(**given, oauth_url=meta.address, graph_url=meta.address, version="v27.0")


def secret(**changes: Any) -> SessionSecret:
    token = {
        "access_token": "long-1",
        "refresh_token": None,
        "expires_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
        "scopes": SCOPES,
        "obtained_at": (datetime.now(UTC) - timedelta(days=30)).isoformat(),
    }
    return SessionSecret(json.dumps(token | changes))


@asynccontextmanager
async def opened(meta: TinyMeta, limiter: RateLimiter | None = None, **changes: Any) -> AsyncIterator[LiveAccount]:
    async with opener(app_at(meta))(secret(**changes), limiter or NoLimit()) as live:
        assert isinstance(live, LiveAccount)
        yield live


class Costs(NoLimit):
    """A limiter that remembers each cost."""

    def __init__(self) -> None:
        self.calls, self.kept = list[str](), list[str]()

    async def acquire(self, cost: Cost | None = None) -> None:
        self.calls.append("" if cost is None else cost.quota)

    def keep_rest(self, cost: Cost, until: datetime) -> None:
        assert until > datetime.now(UTC)
        self.kept.append(cost.quota)


# The consent


@pytest.mark.parametrize("is_wrapped", [False, True])
@pytest.mark.parametrize("permissions", [f"{BASIC},{INSIGHTS}", [BASIC, INSIGHTS], None])
async def test_a_code_becomes_a_long_token_in_either_shape_of_the_answer(
    meta: TinyMeta, is_wrapped: bool, permissions: object
) -> None:
    meta.is_wrapped, meta.permissions = is_wrapped, permissions
    authorizer = InstagramAuthorizer(app_at(meta))
    grant = await authorizer.exchange("a-code#_", BACK, "a-verifier")
    kept = json.loads(grant.secret.text)
    assert (kept["access_token"], kept["refresh_token"], kept["scopes"]) == ("long-1", None, sorted(SCOPES))
    assert grant.scopes == frozenset(SCOPES)
    assert grant.expires_at is not None
    assert kept["expires_at"] == grant.expires_at.isoformat()
    assert timedelta(days=59) < grant.expires_at - datetime.now(UTC) < timedelta(days=60)
    assert meta.asked("/oauth/access_token") == [
        {
            "client_id": "an-id",
            "client_secret": "a-secret",
            "grant_type": "authorization_code",
            "redirect_uri": BACK,
            "code": "a-code",
        }
    ]
    (offered,) = await authorizer.accounts(grant)
    assert (offered.platform_id, offered.username, offered.display_name) == (ACCOUNT, "ada", "Ada")
    assert offered.login_id == SCOPED
    assert "long-1" not in repr(grant)


async def test_a_scope_that_was_unticked_is_not_granted(meta: TinyMeta) -> None:
    meta.permissions = [BASIC]
    assert (await InstagramAuthorizer(app_at(meta)).exchange("a-code", BACK, None)).scopes == {BASIC}


async def test_an_upgrade_that_fails_in_passing_is_tried_again_with_the_short_token(meta: TinyMeta) -> None:
    meta.fail("/access_token", Reply(503, {}), refusal(2, status=500))
    assert (await InstagramAuthorizer(app_at(meta)).exchange("a-code", BACK, None)).scopes == frozenset(SCOPES)
    assert [one.path for one in meta.requests] == ["/oauth/access_token", *["/access_token"] * 3]


async def test_an_upgrade_that_goes_on_failing_says_why(meta: TinyMeta) -> None:
    meta.fail("/access_token", *[Reply(503, {})] * 3)
    with pytest.raises(SiteFailed):
        await InstagramAuthorizer(app_at(meta)).exchange("a-code", BACK, None)


def oauth_error(message: str) -> Reply:
    return Reply(400, {"error_type": "OAuthException", "code": 400, "error_message": message})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (oauth_error("Matching code was not found or was already used"), CodeUsed),
        (oauth_error("This authorization code has expired"), CodeUsed),
        (oauth_error("Error validating verification code. Make sure your redirect_uri is identical"), AppRefused),
        (oauth_error("Invalid platform app"), AppRefused),
        (oauth_error("Something else"), UnexpectedAnswer),
        (Reply(429, {}), Throttled),
        (Reply(503, "<html>"), SiteFailed),
        (Reply(200, {"data": []}), UnexpectedAnswer),
        (Reply(200, "<html>"), UnexpectedAnswer),
    ],
)
async def test_a_code_that_is_not_taken_says_why(meta: TinyMeta, reply: Reply, kind: type[JobError]) -> None:
    meta.fail("/oauth/access_token", reply)
    with pytest.raises(kind):
        await InstagramAuthorizer(app_at(meta)).exchange("a-code", BACK, None)


@pytest.mark.parametrize("missing", ["app_id", "app_secret"])
async def test_an_app_that_is_not_set_up_asks_nothing(meta: TinyMeta, missing: str) -> None:
    with pytest.raises(AppRefused):
        await InstagramAuthorizer(app_at(meta, **{missing: None})).exchange("c", BACK, None)
    assert meta.requests == []


async def test_a_personal_account_is_refused_with_its_reason(meta: TinyMeta) -> None:
    meta.kind = "PERSONAL"
    authorizer = InstagramAuthorizer(app_at(meta))
    with pytest.raises(NoAccountOffered, match="personal account"):
        await authorizer.accounts(await authorizer.exchange("a-code", BACK, None))


# The long token


def ends_in(days: float, age: float = 40) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "expires_at": (now + timedelta(days=days)).isoformat(),
        "obtained_at": (now - timedelta(days=age)).isoformat(),
    }


@pytest.mark.parametrize("changes", [ends_in(20.1), ends_in(19, age=0.9), {"expires_at": None}])
async def test_a_token_with_time_left_or_from_today_is_not_renewed(meta: TinyMeta, changes: dict[str, Any]) -> None:
    assert await InstagramAuthorizer(app_at(meta)).refresh(secret(**changes)) is None
    assert meta.requests == []


@pytest.mark.parametrize("changes", [ends_in(19.9), ends_in(0.1), {**ends_in(0, age=41), "expires_at": None}])
async def test_a_token_is_renewed_in_its_last_twenty_days(meta: TinyMeta, changes: dict[str, Any]) -> None:
    grant = await InstagramAuthorizer(app_at(meta)).refresh(secret(**changes))
    assert grant is not None
    kept = json.loads(grant.secret.text)
    assert (kept["access_token"], kept["scopes"]) == ("long-2", sorted(SCOPES))
    assert grant.expires_at is not None
    assert grant.expires_at > datetime.now(UTC) + timedelta(days=59)
    assert datetime.fromisoformat(kept["obtained_at"]) > datetime.now(UTC) - timedelta(minutes=5)
    assert meta.asked("/refresh_access_token") == [{"grant_type": "ig_refresh_token", "access_token": "long-1"}]


async def test_a_renewal_names_the_scopes_that_are_left(meta: TinyMeta) -> None:
    answer = {"access_token": "long-2", "expires_in": 5_184_000, "permissions": BASIC}
    meta.fail("/refresh_access_token", Reply(200, answer))
    grant = await InstagramAuthorizer(app_at(meta)).refresh(secret(**ends_in(5)))
    assert grant is not None
    assert grant.scopes == {BASIC}


async def test_a_token_that_has_ended_is_over_without_a_call(meta: TinyMeta) -> None:
    with pytest.raises(AccessRevoked, match="that time has passed"):
        await InstagramAuthorizer(app_at(meta)).refresh(secret(**ends_in(-0.01)))
    with pytest.raises(AccessRevoked):
        async with opened(meta, **ends_in(-0.01)):
            pass
    assert meta.requests == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(refusal(190, 463), AccessRevoked), (refusal(2, status=500), SiteFailed), (Reply(200, {}), UnexpectedAnswer)],
)
async def test_a_renewal_that_fails_says_why(meta: TinyMeta, reply: Reply, kind: type[JobError]) -> None:
    meta.fail("/refresh_access_token", reply)
    with pytest.raises(kind):
        await InstagramAuthorizer(app_at(meta)).refresh(secret(**ends_in(5)))


async def test_disconnecting_asks_instagram_for_nothing(meta: TinyMeta) -> None:
    await InstagramAuthorizer(app_at(meta)).revoke(secret())
    assert meta.requests == []


@pytest.mark.parametrize("text", ["", "[]", '{"storage_state": {}}', '{"access_token": "a", "expires_at": null}'])
async def test_a_secret_of_another_form_is_not_opened(meta: TinyMeta, text: str) -> None:
    with pytest.raises(VaultError):
        async with opener(app_at(meta))(SessionSecret(text), NoLimit()):
            pass


# The account and its media


@pytest.mark.parametrize("is_wrapped", [False, True])
async def test_the_check_is_the_first_reading_of_the_profile(meta: TinyMeta, is_wrapped: bool) -> None:
    meta.is_wrapped, costs = is_wrapped, Costs()
    async with opened(meta, costs) as live:
        checked = await live.check("old-name")
        assert await live.source.profile("old-name") == checked
        assert len(meta.asked("/me")) == 1
        await live.source.profile("ada")
        assert json.loads((await live.session()).text)["access_token"] == "long-1"
    facts = checked.value
    assert (facts.platform_id, facts.username, facts.followers, facts.following) == (ACCOUNT, "ada", 1230, 321)
    assert (facts.media_count, facts.biography, facts.is_professional) == (3, "maths", True)
    assert checked.observed_at == meta.now
    assert costs.calls == ["instagram_graph"] * 2
    assert {one.path for one in meta.requests} == {"/v27.0/me"}
    assert {one.token for one in meta.requests} == {"long-1"}


async def test_fields_that_instagram_does_not_know_cost_only_themselves(meta: TinyMeta) -> None:
    meta.unknown_fields = {"biography", "caption"}
    async with opened(meta) as live:
        assert (await live.check("ada")).value.followers == 1230
        first = (await live.source.posts(OWNER, "ada", None)).value
        second = (await live.source.posts(OWNER, "ada", first.next_cursor)).value
    assert [one.caption for one in (*first.media, *second.media)] == [None] * 3
    assert len(meta.asked("/media")) == 3, "the short list of fields is kept for the next page"


async def test_posts_come_in_pages_and_have_the_ids_of_instagrams_pages(meta: TinyMeta) -> None:
    meta.media = [
        Medium("18001", shortcode(3_456_789_012_345_678_901)),
        Medium("18002", "CAAAAAAAAAA", "REELS", "VIDEO"),
        Medium("18003", "CBAAAAAAAAA", "FEED", "CAROUSEL_ALBUM", likes=None),
    ]
    async with opened(meta) as live:
        first = (await live.source.posts(OWNER, "ada", None)).value
        second = (await live.source.posts(OWNER, "ada", first.next_cursor)).value
    found: list[Media] = [*first.media, *second.media]
    assert second.next_cursor is None
    assert [one.kind for one in found] == [MediaKind.IMAGE, MediaKind.REEL, MediaKind.CAROUSEL]
    assert [one.official for one in found] == [
        OfficialMedium("18001", "FEED"),
        OfficialMedium("18002", "REELS"),
        OfficialMedium("18003", "FEED"),
    ]
    assert found[0].platform_id == "3456789012345678901"
    assert (found[0].hashtags, found[0].mentions, found[0].code) == (("maths",), ("grace",), meta.media[0].code)
    assert (found[0].metrics.likes, found[0].metrics.comments) == (5, 2)
    assert (found[2].metrics.likes, found[2].counts_hidden) == (None, True)
    assert meta.asked("/media")[1]["after"] == first.next_cursor


async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(meta: TinyMeta) -> None:
    meta.largest_page = 10
    async with opened(meta) as live:
        assert len((await live.source.posts(OWNER, "ada", None)).value.media) == 2
    assert [query["limit"] for query in meta.asked("/media")] == ["50", "16", "5"]


async def test_the_smallest_page_that_is_too_large_is_a_failure(meta: TinyMeta) -> None:
    meta.largest_page = 1
    async with opened(meta) as live:
        with pytest.raises(SiteFailed):
            await live.source.posts(OWNER, "ada", None)


@pytest.mark.parametrize(
    "paging",
    [
        {"cursors": {"before": "x", "after": "x"}, "next": "https://…"},
        {"cursors": {"before": "a", "after": "asked"}, "next": "https://…"},
        {"cursors": {"before": "a"}, "next": "https://…"},
        {"cursors": {"before": "a", "after": "b"}},
        {},
    ],
    ids=["equal", "itself", "no mark", "no next", "nothing"],
)
async def test_a_list_ends_where_its_page_leads_nowhere(meta: TinyMeta, paging: dict[str, Any]) -> None:
    meta.fail("/media", Reply(200, {"data": [{"id": "1"}], "paging": paging}))
    async with opened(meta) as live:
        page = (await live.source.posts(OWNER, "ada", "asked")).value
    assert (len(page.media), page.next_cursor) == (1, None)


async def test_a_list_ends_with_an_empty_page(meta: TinyMeta) -> None:
    paging = {"cursors": {"before": "a", "after": "b"}, "next": "https://…"}
    meta.fail("/media", Reply(200, {"data": [], "paging": paging}))
    async with opened(meta) as live:
        page = (await live.source.posts(OWNER, "ada", "asked")).value
    assert (page.media, page.next_cursor) == ((), None)


async def test_a_page_that_is_known_no_longer_is_told_apart(meta: TinyMeta) -> None:
    meta.fail("/media", *[refusal(100, message="(#100) Invalid cursor")] * 2)
    async with opened(meta) as live:
        with pytest.raises(StaleCursor):
            await live.source.posts(OWNER, "ada", "old")
        assert (await live.source.posts(OWNER, "ada", None)).value.media[0].caption is not None


async def test_a_list_that_is_refused_from_its_beginning_is_asked_for_in_a_wrong_way(meta: TinyMeta) -> None:
    meta.fail("/media", *[refusal(100)] * 2)
    async with opened(meta) as live:
        with pytest.raises(UnexpectedAnswer):
            await live.source.posts(OWNER, "ada", None)


async def test_all_live_stories_are_read_and_end_after_a_day(meta: TinyMeta) -> None:
    meta.stories = [Medium(f"189{n}", f"345678901234567890{n}", "STORY") for n in range(3)]
    async with opened(meta) as live:
        shown = (await live.source.stories(OWNER, "ada")).value
    assert [one.platform_id for one in shown.media] == [one.code for one in meta.stories]
    assert {one.kind for one in shown.media} == {MediaKind.STORY}
    assert {one.expires_at for one in shown.media} == {datetime(2026, 11, 21, 10, tzinfo=UTC)}


async def test_an_account_shows_neither_people_nor_viewers_and_no_single_post(meta: TinyMeta) -> None:
    async with opened(meta) as live:
        assert isinstance(live.source, ReadsStories)
        assert isinstance(live.source, ReadsAudience)
        assert isinstance(live.source, ReadsMediaFigures)
        assert not isinstance(live.source, ReadsPeople | ReadsViewers | LooksUpMedia)


# Refusals


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (refusal(190), AccessRevoked, "withdrawn"),
        (refusal(190, 463), AccessRevoked, "that time has passed"),
        (refusal(190, 467), AccessRevoked, "withdrawn"),
        (refusal(190, 458), AccessRevoked, "removed"),
        (refusal(190, 460), AccessRevoked, "password"),
        (refusal(190, 459), CheckpointRequired, "confirm"),
        (refusal(190, 464), CheckpointRequired, "confirm"),
        (refusal(190, 492), PageAccessLost, "no role"),
        (refusal(102), AccessRevoked, "withdrawn"),
        (refusal(10), PermissionMissing, "does not let"),
        (refusal(200), PermissionMissing, "does not let"),
        (refusal(299), PermissionMissing, "does not let"),
        (refusal(3), AppRefused, "not switched on"),
        (refusal(1, message="An unknown error has occurred."), SiteFailed, "internal error"),
        (refusal(2, status=503), SiteFailed, "internal error"),
        (refusal(4, status=403), Throttled, "fewer calls"),
        (refusal(17), Throttled, "fewer calls"),
        (refusal(32), Throttled, "fewer calls"),
        (refusal(341), Throttled, "fewer calls"),
        (refusal(613), Throttled, "fewer calls"),
        (refusal(80002, is_transient=True), Throttled, "fewer calls"),
        (refusal(368), RateLimited, "wait"),
        (refusal(9, is_transient=True), SiteFailed, "internal error"),
        (refusal(2500, message="Unknown path components", type="IGApiException"), UnexpectedAnswer, "form"),
        (refusal(1, status=200), SiteFailed, "internal error"),
        (Reply(429, {}), Throttled, "fewer calls"),
        (Reply(502, "<html>"), SiteFailed, "internal error"),
        (Reply(400, {"error": "no"}), UnexpectedAnswer, "form"),
        (Reply(200, "{"), UnexpectedAnswer, "JSON"),
        (Reply(200, {"username": "ada"}), UnexpectedAnswer, "user_id"),
    ],
)
async def test_each_refusal_is_its_error(meta: TinyMeta, reply: Reply, kind: type[JobError], words: str) -> None:
    meta.fail("/me", reply)
    async with opened(meta) as live:
        with pytest.raises(kind, match=words) as caught:
            await live.check("ada")
    assert isinstance(caught.value, kind)


async def test_a_meta_that_is_not_there_is_unreachable() -> None:
    with tiny_meta() as gone:
        pass
    async with opened(gone) as live:
        with pytest.raises(SiteUnreachable):
            await live.check("ada")


def business(minutes: int, share: int = 10) -> dict[str, str]:
    entry = {"type": "instagram", "call_count": share, "estimated_time_to_regain_access": minutes}
    return {"X-Business-Use-Case-Usage": json.dumps({ACCOUNT: [entry]})}


async def test_a_throttled_call_waits_for_the_minutes_in_the_header(meta: TinyMeta) -> None:
    meta.fail("/me", Reply(400, refusal(80002).body, business(19, 100)))
    async with opened(meta) as live:
        with pytest.raises(Throttled) as caught:
            await live.check("ada")
        with pytest.raises(Throttled):
            await live.check("ada")
    assert caught.value.until is not None
    assert timedelta(minutes=17) < caught.value.until - datetime.now(UTC) <= timedelta(minutes=19)
    assert len(meta.requests) == 1, "a further call would lengthen the block"


@pytest.mark.parametrize("headers", [business(5), business(0, 100), {"X-App-Usage": '{"call_count": 100}'}])
async def test_a_good_answer_that_names_a_reached_limit_is_the_last_one(
    meta: TinyMeta, headers: dict[str, str]
) -> None:
    meta.headers = headers
    async with opened(meta) as live:
        assert (await live.check("ada")).value.username == "ada"
        with pytest.raises(Throttled) as caught:
            await live.source.posts(OWNER, "ada", None)
    assert caught.value.until is not None
    assert caught.value.until > datetime.now(UTC)


@pytest.mark.parametrize("headers", [business(0, 99), {"X-App-Usage": "none"}, {"X-App-Usage": "[1]"}])
async def test_a_limit_with_room_left_stops_nothing(meta: TinyMeta, headers: dict[str, str]) -> None:
    meta.headers = headers
    async with opened(meta) as live:
        await live.check("ada")
        assert (await live.source.posts(OWNER, "ada", None)).value.media


@pytest.mark.parametrize(("share", "kept"), [(89, []), (90, ["instagram_graph"]), (99, ["instagram_graph"])])
async def test_from_ninety_percent_on_the_rest_is_kept_for_people(meta: TinyMeta, share: int, kept: list[str]) -> None:
    meta.headers, costs = business(0, share), Costs()
    async with opened(meta, costs) as live:
        await live.check("ada")
    assert costs.kept == kept


# The figures of the account


async def test_the_days_that_are_there_are_two_years_up_to_yesterday_in_pacific_time(meta: TinyMeta) -> None:
    # Still the 29th in Pacific time.
    meta.now = datetime(2026, 11, 30, 7, 59, tzinfo=UTC)
    async with opened(meta) as live:
        there = (await live.source.days_there()).value
    assert there == Days(date(2024, 11, 29), date(2026, 11, 28))


async def test_reach_is_a_series_and_every_other_metric_a_total_for_each_day(meta: TinyMeta) -> None:
    async with opened(meta) as live:
        series = (await live.source.daily(WEEK)).value
    assert series.refused == frozenset()
    assert {one.metric for one in series.figures} == {"reach", *DAY}
    assert len(series.figures) == 7 * (1 + len(DAY))
    reach = {one.day: one.value for one in series.figures if one.metric == "reach"}
    assert reach == {date(2026, 11, day): Decimal(101 + day) for day in range(23, 30)}
    days = [one for one in series.figures if one.day == WEEK.last]
    assert {one.metric: int(one.value) for one in days} | {"reach": 0} == {
        **dict.fromkeys(DAY, 7),
        "follows": 5,
        "unfollows": 2,
        "reach": 0,
    }
    first, *others = meta.asked(f"/{ACCOUNT}/insights")
    assert (first["metric"], first["period"], "metric_type" in first) == ("reach", "day", False)
    assert len(others) == 7 * 3
    assert {one["metric_type"] for one in others} == {"total_value"}
    assert {one.get("breakdown") for one in others} == {None, "follow_type"}
    assert others[0]["since"] == str(int(datetime(2026, 11, 29, 8, tzinfo=UTC).timestamp()))
    assert others[0]["until"] == str(int(datetime(2026, 11, 30, 8, tzinfo=UTC).timestamp()))


async def test_no_window_has_more_than_thirty_days_where_the_clocks_go_back(meta: TinyMeta) -> None:
    meta.first_day = date(2026, 11, 29)
    async with opened(meta) as live:
        series = (await live.source.daily(Days(date(2026, 10, 1), date(2026, 11, 29)))).value
    windows = [query for query in meta.asked("/insights") if query["metric"] == "reach"]
    assert max(int(one["until"]) - int(one["since"]) for one in windows) <= 2_592_000
    assert {one.day for one in series.figures} == {date(2026, 11, 29)}


async def test_days_before_the_first_reach_are_not_asked_for_one_by_one(meta: TinyMeta) -> None:
    meta.first_day = date(2026, 11, 28)
    async with opened(meta) as live:
        series = (await live.source.daily(WEEK)).value
    assert {one.day for one in series.figures} == {date(2026, 11, 28), date(2026, 11, 29)}
    assert len(meta.asked("/insights")) == 1 + 2 * 3


async def test_the_platforms_names_for_follows_and_unfollows_are_both_known(meta: TinyMeta) -> None:
    meta.labels = ("follows", "unfollows")
    async with opened(meta) as live:
        totals = (await live.source.totals(WEEK)).value
    assert {one.metric: int(one.value) for one in totals.figures if "follows" in one.metric} == {
        "follows": 5,
        "unfollows": 2,
    }


async def test_a_metric_that_is_refused_costs_only_itself_and_is_not_asked_for_again(meta: TinyMeta) -> None:
    meta.unsupported = {"reposts", "profile_views"}
    async with opened(meta) as live:
        series = (await live.source.daily(WEEK)).value
    assert series.refused == {"reposts", "profile_views"}
    assert {one.metric for one in series.figures} == {"reach", *DAY} - series.refused
    assert len([query for query in meta.asked("/insights") if "reposts" in query["metric"]]) == 2
    assert len([query for query in meta.asked("/insights") if "profile_views" in query["metric"]]) == 1


async def test_without_a_series_of_the_reach_every_day_is_asked_for(meta: TinyMeta) -> None:
    meta.unsupported = {"reach"}
    async with opened(meta) as live:
        series = (await live.source.daily(WEEK)).value
    assert series.refused == {"reach"}
    assert {one.day for one in series.figures if one.metric == "views"} == {
        date(2026, 11, day) for day in range(23, 30)
    }


async def test_what_has_no_data_is_missing_and_not_zero(meta: TinyMeta) -> None:
    meta.empty = {"views", "follows_and_unfollows"}
    async with opened(meta) as live:
        series = (await live.source.daily(WEEK)).value
    assert series.refused == frozenset()
    assert {one.metric for one in series.figures} == {"reach", *DAY} - {"views", "follows", "unfollows"}


async def test_days_that_instagram_keeps_no_longer_are_no_refusal_of_their_metrics(meta: TinyMeta) -> None:
    async with opened(meta) as live:
        await live.source.daily(WEEK)
        meta.fail("/insights", refusal(100, message="(#100) since is too far in the past"))
        older = (await live.source.daily(Days(date(2024, 12, 1), date(2024, 12, 20)))).value
    assert (older.figures, older.refused) == ((), frozenset())


async def test_an_account_to_which_everything_is_refused_is_asked_in_a_wrong_way(meta: TinyMeta) -> None:
    meta.unsupported = {"reach", "follows_and_unfollows", *DAY}
    async with opened(meta) as live:
        with pytest.raises(UnexpectedAnswer):
            await live.source.daily(WEEK)


@pytest.mark.parametrize("length", [7, 28])
async def test_a_total_covers_exactly_its_days(meta: TinyMeta, length: int) -> None:
    days = Days(WEEK.last - timedelta(days=length - 1), WEEK.last)
    async with opened(meta) as live:
        totals = (await live.source.totals(days)).value
    assert {one.metric for one in totals.figures} == {"reach", *DAY}
    assert {one.days for one in totals.figures} == {days}
    asked = meta.asked("/insights")
    assert len(asked) == 4
    assert {int(one["until"]) - int(one["since"]) for one in asked} == {length * 86_400}
    assert {one["metric_type"] for one in asked} == {"total_value"}


@pytest.mark.parametrize("reading", ["daily", "totals", "audience"])
async def test_without_the_permission_no_figure_is_asked_for(meta: TinyMeta, reading: str) -> None:
    async with opened(meta, scopes=[BASIC]) as live:
        await live.check("ada")
        with pytest.raises(PermissionMissing):
            await getattr(live.source, reading)(WEEK)
        with pytest.raises(PermissionMissing):
            await live.source.media_figures(OfficialMedium("18000", "FEED"))
    assert len(meta.requests) == 1


# The audience


async def test_the_audience_comes_by_each_breakdown_for_followers_engaged_and_reached(meta: TinyMeta) -> None:
    async with opened(meta) as live:
        shown = (await live.source.audience(WEEK)).value
    assert shown.refused == frozenset()
    assert shown.days == Days(date(2026, 10, 31), WEEK.last)
    assert {one.breakdown for one in shown.shares} == {"country", "city", "age", "gender", "age_gender", "online_hour"}
    pairs = [one for one in shown.shares if one.breakdown == "age_gender" and one.metric == "audience_followers"]
    assert [(one.keys, int(one.value)) for one in pairs] == [(("18-24", "F"), 10), (("25-34", "M"), 20)]
    assert {one.metric for one in shown.shares if one.breakdown == "city"} == {
        "audience_followers",
        "audience_engaged",
        "audience_reached",
    }
    hours = [(one.keys, int(one.value)) for one in shown.shares if one.breakdown == "online_hour"]
    assert hours == [(("00",), 3), (("23",), 9)]
    frames = {(one["metric"], one.get("timeframe")) for one in meta.asked("/insights")}
    assert ("follower_demographics", None) in frames
    assert ("engaged_audience_demographics", "this_month") in frames


async def test_an_audience_that_is_not_given_costs_only_itself(meta: TinyMeta) -> None:
    meta.unsupported, meta.empty = {"reached_audience_demographics", "online_followers"}, {"follower_demographics"}
    async with opened(meta) as live:
        shown = (await live.source.audience(WEEK)).value
    assert shown.refused == {"online_hour"}
    assert {one.metric for one in shown.shares} == {"audience_engaged"}


async def test_an_audience_of_which_all_is_refused_is_asked_for_in_a_wrong_way(meta: TinyMeta) -> None:
    meta.unsupported = {"follower_demographics", "engaged_audience_demographics", "online_followers"}
    meta.unsupported |= {"reached_audience_demographics"}
    async with opened(meta) as live:
        with pytest.raises(UnexpectedAnswer):
            await live.source.audience(WEEK)


# The figures of media


async def figures_of(meta: TinyMeta, product: str | None, medium: str = "18000") -> MediaFigures:
    async with opened(meta) as live:
        return (await live.source.media_figures(OfficialMedium(medium, product))).value


POST = {"media_reach", "media_views", "media_shares", "media_interactions", "media_reposts", "media_facebook_views"}
LIKED = {"media_likes", "media_comments", "media_saves"}
VISITED = {"media_follows", "media_profile_visits", "media_profile_activity"}


@pytest.mark.parametrize(
    ("product", "metrics"),
    [
        ("FEED", POST | LIKED | VISITED),
        (None, POST | LIKED | VISITED),
        (
            "REELS",
            POST
            | LIKED
            | {"reel_average_watch_seconds", "reel_watch_minutes", "reel_skip_percent", "reel_crossposted_views"},
        ),
        ("STORY", POST | VISITED | {"story_replies", "story_navigation", "story_link_clicks"}),
    ],
)
async def test_each_product_type_has_its_set(meta: TinyMeta, product: str | None, metrics: set[str]) -> None:
    found = await figures_of(meta, product)
    assert {one.metric for one in found.figures} == metrics
    assert (found.refused, found.final, found.reach) == (frozenset(), None, 3000)


async def test_watch_times_come_in_milliseconds_and_taps_by_their_kind(meta: TinyMeta) -> None:
    reel = {one.metric: one.value for one in (await figures_of(meta, "REELS")).figures}
    assert (reel["reel_average_watch_seconds"], reel["reel_watch_minutes"]) == (Decimal(3), Decimal("0.05"))
    story = (await figures_of(meta, "STORY", "18900")).figures
    taps = [(one.part, int(one.value)) for one in story if one.metric == "story_navigation"]
    assert taps == [("tap_forward", 4), ("tap_exit", 4)]


async def test_a_metric_of_a_medium_that_fails_costs_only_itself(meta: TinyMeta) -> None:
    meta.unsupported = {"reels_skip_rate", "saved"}
    found = await figures_of(meta, "REELS")
    assert found.refused == {"reel_skip_percent", "media_saves"}
    assert found.saves is None
    assert "media_reach" in {one.metric for one in found.figures}


async def test_a_medium_that_is_not_on_facebook_says_nothing_of_the_next(meta: TinyMeta) -> None:
    alone = [Reply(200, {"data": []})] * 3
    meta.fail("/18000/insights", *alone, refusal(100, 2207086, "not available for this media"))
    async with opened(meta) as live:
        first = (await live.source.media_figures(OfficialMedium("18000", "FEED"))).value
        second = (await live.source.media_figures(OfficialMedium("18001", "FEED"))).value
    assert (first.figures, first.refused) == ((), frozenset())
    assert "media_facebook_views" in {one.metric for one in second.figures}


async def test_too_few_viewers_are_no_matter_of_permission(meta: TinyMeta) -> None:
    meta.fail("/18900/insights", refusal(10, message="(#10) Not enough viewers for the media to show insights"))
    found = await figures_of(meta, "STORY", "18900")
    assert (found.figures, found.final) == ((), None)
    assert len(meta.asked("/insights")) == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (refusal(100, 2108006, "Media posted before business account conversion"), "report_refused"),
        (None, "media_gone"),
    ],
)
async def test_a_medium_that_never_has_figures_is_not_asked_for_again(
    meta: TinyMeta, reply: Reply | None, code: str
) -> None:
    if reply is not None:
        meta.fail("/insights", reply)
    found = await figures_of(meta, "FEED", "18000" if reply else "404")
    assert (found.figures, found.final) == ((), code)
    assert len(meta.asked("/insights")) == 1


async def test_a_throttled_medium_stops_the_reading(meta: TinyMeta) -> None:
    meta.fail("/insights", refusal(80002))
    with pytest.raises(Throttled):
        await figures_of(meta, "FEED")
