"""TikTok's client over real HTTP: rotating tokens, the account, its videos, and every refusal that TikTok knows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.social import PlatformId
from shared.errors import (
    AccessRevoked,
    AppRefused,
    CodeUsed,
    JobError,
    LeaseLost,
    PermissionMissing,
    SiteFailed,
    SiteUnreachable,
    StaleCursor,
    Throttled,
    UnexpectedAnswer,
    VaultError,
)
from shared.platforms.tiktok import BASIC, LOGIN_KIT, PROFILE, VIDEOS
from tests.rig.tiny_tiktok import OPEN_ID, Reply, TinyTikTok, flat, refusal, tiny_tiktok
from worker.platforms.base import (
    Cost,
    LooksUpMedia,
    NoLimit,
    RateLimiter,
    ReadsInsights,
    ReadsMedia,
    ReadsPeople,
    ReadsReels,
    RotatesTokens,
    SessionSecret,
)
from worker.platforms.tiktok.app import TikTokApp
from worker.platforms.tiktok.authorizer import TikTokAuthorizer
from worker.platforms.tiktok.source import LiveTikTok, opener

OWNER = PlatformId(OPEN_ID)
CALLBACK = "https://rollcall.example/api/auth/tiktok/callback"


@pytest.fixture
def tiktok() -> Iterator[TinyTikTok]:
    with tiny_tiktok() as made:
        yield made


def app_at(tiktok: TinyTikTok, **changes: Any) -> TikTokApp:
    return TikTokApp(**{"client_key": "a-key", "client_secret": "a-secret", "api_url": tiktok.address, **changes})


def in_(**span: int) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


def secret(**changes: Any) -> SessionSecret:
    token = {
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "expires_at": in_(hours=1),
        "ends_at": in_(days=170),
        "scopes": list(LOGIN_KIT.scopes),
        "obtained_at": in_(days=-10),
    }
    return SessionSecret(json.dumps(token | changes))


def read(session: SessionSecret) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(session.text)
    return found


@asynccontextmanager
async def opened(tiktok: TinyTikTok, limiter: RateLimiter | None = None, **changes: Any) -> AsyncIterator[LiveTikTok]:
    async with opener(app_at(tiktok))(secret(**changes), limiter or NoLimit()) as live:
        assert isinstance(live, LiveTikTok)
        yield live


class Costs(NoLimit):
    """A limiter that remembers each cost."""

    def __init__(self) -> None:
        self.calls = list[str]()

    async def acquire(self, cost: Cost | None = None) -> None:
        if cost is not None:
            self.calls.append(cost.quota)


# The tokens


async def test_a_token_with_time_left_is_used_as_it_is(tiktok: TinyTikTok) -> None:
    async with opened(tiktok) as live:
        await live.check("ada.maths")
        assert read(await live.session())["refresh_token"] == "refresh-1"
    assert tiktok.asked("token") == []


@pytest.mark.parametrize("minutes", [4, -60])
async def test_a_token_that_ends_soon_is_exchanged_once_and_its_refresh_token_too(
    tiktok: TinyTikTok, minutes: int
) -> None:
    async with opened(tiktok, expires_at=in_(minutes=minutes)) as live:
        await live.check("ada.maths")
        await live.source.posts(OWNER, "ada.maths", None)
        session = await live.session()
    (asked,) = tiktok.asked("token")
    assert asked.given == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-1",
        "client_key": "a-key",
        "client_secret": "a-secret",
    }
    assert (read(session)["access_token"], read(session)["refresh_token"]) == ("access-2", "refresh-2")
    assert session.scopes == frozenset(LOGIN_KIT.scopes)
    assert session.ends_at is not None
    assert timedelta(days=179) < session.ends_at - datetime.now(UTC) <= timedelta(days=180)


async def test_the_lifetimes_are_those_of_the_answer(tiktok: TinyTikTok) -> None:
    tiktok.ends_in = {"expires_in": 86_400, "refresh_expires_in": 31_536_000}
    async with opened(tiktok, expires_at=in_(minutes=1)) as live:
        await live.check("ada.maths")
        session = await live.session()
    assert datetime.fromisoformat(read(session)["expires_at"]) > datetime.now(UTC) + timedelta(hours=23)
    assert session.ends_at is not None
    assert session.ends_at > datetime.now(UTC) + timedelta(days=364)


async def test_a_new_token_is_stored_before_it_is_used(tiktok: TinyTikTok) -> None:
    stored = list[tuple[str, int]]()

    async def store(session: SessionSecret) -> None:
        stored.append((read(session)["refresh_token"], len(tiktok.asked("info"))))

    async with opened(tiktok, expires_at=in_(minutes=1)) as live:
        assert isinstance(live, RotatesTokens)
        live.store_by(store)
        await live.check("ada.maths")
    assert stored == [("refresh-2", 0)]


async def test_a_new_token_that_cannot_be_stored_is_not_used(tiktok: TinyTikTok) -> None:
    async def store(session: SessionSecret) -> None:
        raise LeaseLost

    async with opened(tiktok, expires_at=in_(minutes=1)) as live:
        live.store_by(store)
        with pytest.raises(LeaseLost):
            await live.check("ada.maths")
        assert read(await live.session())["refresh_token"] == "refresh-1"
    assert tiktok.asked("info") == []


async def test_a_refused_token_is_exchanged_and_the_call_made_once_more(tiktok: TinyTikTok) -> None:
    tiktok.fail("info", refusal(401, "access_token_invalid"))
    async with opened(tiktok) as live:
        assert (await live.check("ada.maths")).value.username == "ada.maths"
    assert [one.token for one in tiktok.asked("info")] == ["access-1", "access-2"]


async def test_a_token_that_is_refused_again_ends_the_access(tiktok: TinyTikTok) -> None:
    tiktok.fail("info", refusal(401, "access_token_invalid"), refusal(401, "access_token_invalid"))
    async with opened(tiktok) as live:
        with pytest.raises(AccessRevoked):
            await live.check("ada.maths")
    assert len(tiktok.asked("info")) == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (flat(400, "invalid_grant"), AccessRevoked),
        (flat(200, "invalid_grant"), AccessRevoked),
        (flat(400, "access_denied"), AccessRevoked),
        (flat(401, "invalid_client"), AppRefused),
        (flat(400, "unauthorized_client"), AppRefused),
        (flat(400, "invalid_scope"), AppRefused),
        (flat(429, "rate_limit_exceeded"), Throttled),
        (Reply(429, {}), Throttled),
        (flat(200, "server_error"), SiteFailed),
        (flat(503, "temporarily_unavailable"), SiteFailed),
        (Reply(502, ""), SiteFailed),
        (flat(400, "invalid_request"), UnexpectedAnswer),
        (Reply(200, "<html>"), UnexpectedAnswer),
        (Reply(200, {"expires_in": 7200}), UnexpectedAnswer),
    ],
)
async def test_an_exchange_that_fails_says_why_and_stores_nothing(
    tiktok: TinyTikTok, reply: Reply, kind: type[JobError]
) -> None:
    async def store(session: SessionSecret) -> None:
        raise AssertionError("there is no new token")

    tiktok.fail("token", reply)
    async with opened(tiktok, expires_at=in_(minutes=1)) as live:
        live.store_by(store)
        with pytest.raises(kind):
            await live.check("ada.maths")
        assert read(await live.session())["access_token"] == "access-1"
    assert tiktok.asked("info") == []


async def test_a_refresh_token_that_has_ended_asks_nothing(tiktok: TinyTikTok) -> None:
    with pytest.raises(AccessRevoked):
        async with opened(tiktok, ends_at=in_(minutes=-1)):
            pass
    assert tiktok.requests == []


@pytest.mark.parametrize("text", ["", "[]", '{"storage_state": {}}', '{"access_token": "a"}'])
async def test_a_secret_of_another_form_is_not_opened(tiktok: TinyTikTok, text: str) -> None:
    with pytest.raises(VaultError):
        async with opener(app_at(tiktok))(SessionSecret(text), NoLimit()):
            pass


# The consent


async def test_a_code_becomes_a_grant_that_names_its_account(tiktok: TinyTikTok) -> None:
    authorizer = TikTokAuthorizer(app_at(tiktok))
    grant = await authorizer.exchange("a*code!1", CALLBACK, "a-verifier")
    assert grant.scopes == frozenset(LOGIN_KIT.scopes)
    assert grant.expires_at is not None
    assert grant.expires_at > datetime.now(UTC) + timedelta(days=179)
    (asked,) = tiktok.asked("token")
    assert asked.given == {
        "grant_type": "authorization_code",
        "code": "a*code!1",
        "redirect_uri": CALLBACK,
        "code_verifier": "a-verifier",
        "client_key": "a-key",
        "client_secret": "a-secret",
    }
    (offered,) = await authorizer.accounts(grant)
    assert (offered.platform_id, offered.username, offered.display_name) == (OPEN_ID, "ada.maths", "Ada")
    assert "access" not in repr(grant)
    assert len(tiktok.asked("token")) == 1, "nothing is exchanged before it is stored"


async def test_a_scope_that_was_left_out_is_not_granted(tiktok: TinyTikTok) -> None:
    tiktok.scope = f"{BASIC},{PROFILE}"
    authorizer = TikTokAuthorizer(app_at(tiktok))
    grant = await authorizer.exchange("a-code", CALLBACK, None)
    assert grant.scopes == {BASIC, PROFILE}
    assert "code_verifier" not in tiktok.asked("token")[0].given
    (offered,) = await authorizer.accounts(grant)
    assert offered.username == "ada.maths"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (flat(400, "invalid_grant", "Authorization code is expired."), CodeUsed),
        (flat(400, "invalid_grant", "Redirect_uri is not matched with the uri when requesting code."), AppRefused),
        (flat(401, "invalid_client"), AppRefused),
        (flat(500, "server_error"), SiteFailed),
    ],
)
async def test_a_code_that_is_not_taken_says_why(tiktok: TinyTikTok, reply: Reply, kind: type[JobError]) -> None:
    tiktok.fail("token", reply)
    with pytest.raises(kind):
        await TikTokAuthorizer(app_at(tiktok)).exchange("a-code", CALLBACK, "v")


@pytest.mark.parametrize("missing", ["client_key", "client_secret"])
async def test_an_app_that_is_not_set_up_asks_nothing(tiktok: TinyTikTok, missing: str) -> None:
    with pytest.raises(AppRefused):
        await TikTokAuthorizer(app_at(tiktok, **{missing: None})).exchange("c", CALLBACK, "v")
    assert tiktok.requests == []


async def test_a_refresh_token_is_exchanged_after_thirty_days_without_use(tiktok: TinyTikTok) -> None:
    authorizer = TikTokAuthorizer(app_at(tiktok))
    assert await authorizer.refresh(secret(obtained_at=in_(days=-29))) is None
    grant = await authorizer.refresh(secret(obtained_at=in_(days=-30)))
    assert grant is not None
    assert read(grant.secret)["refresh_token"] == "refresh-2"
    assert grant.expires_at is not None
    with pytest.raises(AccessRevoked):
        await authorizer.refresh(secret(obtained_at=in_(days=-30)))
    with pytest.raises(AccessRevoked):
        await authorizer.refresh(secret(ends_at=in_(minutes=-1)))


async def test_an_access_is_ended_by_a_token_that_works(tiktok: TinyTikTok) -> None:
    await TikTokAuthorizer(app_at(tiktok)).revoke(secret())
    await TikTokAuthorizer(app_at(tiktok)).revoke(secret(expires_at=in_(hours=-3)))
    assert [one.given["token"] for one in tiktok.asked("revoke")] == ["access-1", "access-2"]


async def test_an_access_that_has_ended_already_is_ended_without_an_error(tiktok: TinyTikTok) -> None:
    tiktok.fail("revoke", flat(400, "invalid_request"), Reply(503, {}))
    tiktok.fail("token", flat(400, "invalid_grant"))
    await TikTokAuthorizer(app_at(tiktok)).revoke(secret())
    await TikTokAuthorizer(app_at(tiktok)).revoke(secret(expires_at=in_(hours=-3)))
    with pytest.raises(SiteFailed):
        await TikTokAuthorizer(app_at(tiktok)).revoke(secret())


# The account and its videos


async def test_the_check_is_the_first_reading_of_the_profile(tiktok: TinyTikTok) -> None:
    async with opened(tiktok) as live:
        checked = await live.check("old.name")
        assert await live.source.profile("old.name") == checked
        assert len(tiktok.asked("info")) == 1
        await live.source.profile("ada.maths")
    assert len(tiktok.asked("info")) == 2
    facts = checked.value
    assert (facts.platform_id, facts.username, facts.display_name) == (OPEN_ID, "ada.maths", "Ada")
    assert (facts.followers, facts.following, facts.media_count, facts.is_verified) == (1230, 12, 5, True)
    assert checked.observed_at == tiktok.now


async def test_an_answer_without_its_envelope_is_read_all_the_same(tiktok: TinyTikTok) -> None:
    tiktok.fail("info", Reply(200, {"data": {"user": {"open_id": OPEN_ID, "username": "ada.maths"}}}))
    async with opened(tiktok) as live:
        assert (await live.check("ada.maths")).value.username == "ada.maths"


async def test_a_scope_that_is_withdrawn_later_costs_its_fields_alone(tiktok: TinyTikTok) -> None:
    tiktok.scope = f"{BASIC},{PROFILE},{VIDEOS}"
    async with opened(tiktok) as live:
        facts = (await live.check("ada.maths")).value
        session = await live.session()
    assert (facts.username, facts.followers) == ("ada.maths", None)
    assert session.scopes == frozenset({BASIC, PROFILE, VIDEOS})
    assert [one.given["fields"].count("follower_count") for one in tiktok.asked("info")] == [1, 0]


async def test_without_the_scope_for_its_name_the_account_keeps_the_one_that_it_had(tiktok: TinyTikTok) -> None:
    tiktok.scope = BASIC
    async with opened(tiktok, scopes=[BASIC]) as live:
        assert (await live.check("ada.maths")).value.username == "ada.maths"


async def test_without_the_scope_for_videos_none_is_asked_for(tiktok: TinyTikTok) -> None:
    async with opened(tiktok, scopes=[BASIC, PROFILE]) as live:
        with pytest.raises(PermissionMissing):
            await live.source.posts(OWNER, "ada.maths", None)
    assert tiktok.requests == []


async def test_videos_come_in_pages_to_the_end_and_each_call_is_counted(tiktok: TinyTikTok) -> None:
    costs, shown, cursor = Costs(), list[str](), None
    async with opened(tiktok, costs) as live:
        while True:
            page = (await live.source.posts(OWNER, "ada.maths", cursor)).value
            shown += [one.platform_id for one in page.media]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert shown == [str(one) for one in tiktok.videos]
    first, *others = tiktok.asked("list")
    assert first.json == {"max_count": 20}
    assert all(one.json["cursor"] for one in others)
    assert "share_count" in first.given["fields"]
    assert costs.calls == ["tiktok_display"] * 3


async def test_a_video_is_read_with_what_it_counts(tiktok: TinyTikTok) -> None:
    async with opened(tiktok) as live:
        video = (await live.source.media(PlatformId(str(tiktok.videos[0])), OWNER, "ada.maths")).value
    assert video is not None
    counts = video.metrics
    assert (counts.plays, counts.likes, counts.comments, counts.shares) == (1000, 70, 7, 3)
    assert (video.duration_seconds, video.hashtags, video.in_grid) == (63, ("maths",), True)
    assert video.permalink == f"https://www.tiktok.com/@ada.maths/video/{tiktok.videos[0]}"


async def test_a_video_that_is_deleted_is_none(tiktok: TinyTikTok) -> None:
    async with opened(tiktok) as live:
        assert (await live.source.media(PlatformId("7300000000000000999"), OWNER, "ada.maths")).value is None


async def test_a_mark_that_tiktok_never_gave_begins_the_list_anew(tiktok: TinyTikTok) -> None:
    async with opened(tiktok) as live:
        with pytest.raises(StaleCursor):
            await live.source.posts(OWNER, "ada.maths", "QVFE")
    assert tiktok.requests == []


async def test_an_account_has_videos_and_neither_names_nor_figures_of_days(tiktok: TinyTikTok) -> None:
    async with opened(tiktok) as live:
        assert isinstance(live.source, ReadsMedia)
        assert isinstance(live.source, LooksUpMedia)
        assert not isinstance(live.source, ReadsPeople | ReadsReels | ReadsInsights)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(401, "scope_not_authorized"), PermissionMissing),
        (refusal(400, "scope_permission_missed"), PermissionMissing),
        (refusal(403, "never_heard_of"), PermissionMissing),
        (refusal(400, "invalid_params"), UnexpectedAnswer),
        (refusal(429, "rate_limit_exceeded"), Throttled),
        (refusal(200, "rate_limit_exceeded"), Throttled),
        (refusal(500, "internal_error"), SiteFailed),
        (flat(200, "internal_error"), SiteFailed),
        (Reply(429, ""), Throttled),
        (Reply(502, "<html>"), SiteFailed),
        (Reply(404, {}), UnexpectedAnswer),
        (Reply(200, "{"), UnexpectedAnswer),
        (Reply(200, {}), UnexpectedAnswer),
        (Reply(200, {"data": []}), UnexpectedAnswer),
        (Reply(200, {"data": {"videos": [{"title": "no id"}]}}), UnexpectedAnswer),
    ],
)
async def test_each_refusal_is_an_error_of_its_own(tiktok: TinyTikTok, reply: Reply, kind: type[JobError]) -> None:
    tiktok.fail("list", reply)
    async with opened(tiktok) as live:
        with pytest.raises(kind) as raised:
            await live.source.posts(OWNER, "ada.maths", None)
    assert type(raised.value) is kind


async def test_too_many_calls_wait_for_a_minute(tiktok: TinyTikTok) -> None:
    tiktok.fail("list", refusal(429, "rate_limit_exceeded"))
    async with opened(tiktok) as live:
        with pytest.raises(Throttled) as raised:
            await live.source.posts(OWNER, "ada.maths", None)
    assert raised.value.until is not None
    assert timedelta(0) < raised.value.until - datetime.now(UTC) <= timedelta(minutes=1)


async def test_a_tiktok_that_does_not_answer_is_unreachable() -> None:
    with tiny_tiktok() as gone:
        pass
    async with opened(gone) as live:
        with pytest.raises(SiteUnreachable):
            await live.check("ada.maths")
