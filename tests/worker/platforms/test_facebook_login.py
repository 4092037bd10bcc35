"""Facebook's login as a way to Instagram's API, over real HTTP: tokens, pages, the account, and every refusal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.insights import Days
from shared.domain.social import PlatformId
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
    Throttled,
    UnexpectedAnswer,
    VaultError,
)
from tests.rig.tiny_facebook import (
    APP_ID,
    APP_SECRET,
    OTHER_ACCOUNT,
    OTHER_PAGE,
    PAGE,
    PERSON,
    SCOPES,
    TinyFacebook,
    page,
    proof_of,
    tiny_facebook,
)
from tests.rig.tiny_meta import ACCOUNT, refusal
from tests.rig.tiny_server import Reply
from worker.platforms.authorization import Grant
from worker.platforms.base import NoLimit, SessionSecret
from worker.platforms.instagram_graph.facebook.app import FacebookApp
from worker.platforms.instagram_graph.facebook.authorizer import FacebookAuthorizer
from worker.platforms.instagram_graph.facebook.source import LivePageAccount, opener

BACK = "http://127.0.0.1/callback"
OWNER = PlatformId(ACCOUNT)
WEEK = Days(date(2026, 11, 23), date(2026, 11, 29))
STORED_PAGE = {"id": PAGE, "account_id": ACCOUNT, "token": f"page-{PAGE}-1"}


@pytest.fixture
def facebook() -> Iterator[TinyFacebook]:
    with tiny_facebook() as made:
        yield made


def app_at(facebook: TinyFacebook, **changes: Any) -> FacebookApp:
    return replace(FacebookApp(APP_ID, APP_SECRET, facebook.address, "v27.0"), **changes)


def authorizer_at(facebook: TinyFacebook, **changes: Any) -> FacebookAuthorizer:
    return FacebookAuthorizer(app_at(facebook, **changes))


def ago(**length: float) -> str:
    return (datetime.now(UTC) - timedelta(**length)).isoformat()


def secret(**changes: Any) -> SessionSecret:
    token = {
        "access_token": "long-0",
        "refresh_token": None,
        "expires_at": ago(days=-25),
        "data_until": ago(days=-55),
        "scopes": SCOPES,
        "obtained_at": ago(days=35),
        "login_id": PERSON,
        "page": STORED_PAGE,
    }
    return SessionSecret(json.dumps(token | changes))


@asynccontextmanager
async def opened(facebook: TinyFacebook, **changes: Any) -> AsyncIterator[LivePageAccount]:
    async with opener(app_at(facebook))(secret(**changes), NoLimit()) as live:
        assert isinstance(live, LivePageAccount)
        yield live


async def granted(facebook: TinyFacebook) -> Grant:
    return await authorizer_at(facebook).exchange("a-code", BACK, None)


# The consent


async def test_a_code_becomes_a_long_token_with_the_scopes_and_ends_that_meta_names(facebook: TinyFacebook) -> None:
    grant = await granted(facebook)
    kept = json.loads(grant.secret.text)
    assert (kept["access_token"], kept["refresh_token"], kept["page"]) == ("long-1", None, None)
    assert (kept["scopes"], kept["login_id"]) == (sorted(SCOPES), PERSON)
    assert grant.scopes == frozenset(SCOPES)
    assert grant.expires_at is not None
    assert timedelta(days=59) < grant.expires_at - datetime.now(UTC) <= timedelta(days=60)
    assert facebook.asked("/oauth/access_token") == [
        {"client_id": APP_ID, "client_secret": APP_SECRET, "redirect_uri": BACK, "code": "a-code"},
        {
            "client_id": APP_ID,
            "client_secret": APP_SECRET,
            "grant_type": "fb_exchange_token",
            "fb_exchange_token": "short-1",
        },
    ]
    assert facebook.asked("/debug_token") == [{"input_token": "long-1", "access_token": f"{APP_ID}|{APP_SECRET}"}]
    assert "long-1" not in repr(grant)


async def test_an_end_that_the_answer_leaves_out_is_taken_from_what_meta_says_of_the_token(
    facebook: TinyFacebook,
) -> None:
    facebook.names_life, facebook.ends_in = False, timedelta(days=40)
    ends = (await granted(facebook)).expires_at
    assert ends is not None
    assert timedelta(days=39) < ends - datetime.now(UTC) <= timedelta(days=40)


async def test_an_end_that_no_answer_names_is_not_assumed(facebook: TinyFacebook) -> None:
    facebook.names_life, facebook.ends_in, facebook.data_ends_in = False, None, None
    assert (await granted(facebook)).expires_at is None


async def test_the_end_of_what_may_be_read_comes_before_the_end_of_the_token(facebook: TinyFacebook) -> None:
    facebook.data_ends_in = timedelta(days=5)
    ends = (await granted(facebook)).expires_at
    assert ends is not None
    assert ends - datetime.now(UTC) <= timedelta(days=5)


async def test_a_scope_that_was_unticked_is_not_granted(facebook: TinyFacebook) -> None:
    facebook.scopes = ["instagram_basic", "public_profile"]
    assert (await granted(facebook)).scopes == {"instagram_basic"}


async def test_an_upgrade_that_fails_in_passing_is_tried_again_with_the_short_token(facebook: TinyFacebook) -> None:
    facebook.fail("/debug_token", Reply(503, {}), refusal(2, status=500))
    assert (await granted(facebook)).scopes == frozenset(SCOPES)
    assert [one for one in facebook.asked("/oauth/access_token") if "code" in one] == [
        {"client_id": APP_ID, "client_secret": APP_SECRET, "redirect_uri": BACK, "code": "a-code"}
    ]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(503, {}), SiteFailed),
        (Reply(200, {"data": {"is_valid": False}}), AccessRevoked),
        (Reply(200, "[]"), UnexpectedAnswer),
    ],
)
async def test_an_upgrade_that_goes_on_failing_says_why(
    facebook: TinyFacebook, reply: Reply, kind: type[JobError]
) -> None:
    facebook.fail("/debug_token", *[reply] * 3)
    with pytest.raises(kind):
        await granted(facebook)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(100, 36009, "This authorization code has been used."), CodeUsed),
        (refusal(100, 36007, "This authorization code has expired."), CodeUsed),
        (refusal(100, message="Error validating verification code. Check your redirect_uri"), AppRefused),
        (refusal(101, message="Error validating application."), AppRefused),
        (refusal(1, message="Error validating client secret."), AppRefused),
        (refusal(4, message="(#4) Application request limit reached", status=403), Throttled),
        (Reply(503, {}), SiteFailed),
        (Reply(200, {"token_type": "bearer"}), UnexpectedAnswer),
    ],
)
async def test_a_code_that_is_not_taken_says_why(facebook: TinyFacebook, reply: Reply, kind: type[JobError]) -> None:
    facebook.fail("/oauth/access_token", reply)
    facebook.fail("/v27.0/oauth/access_token", reply)
    with pytest.raises(kind):
        await granted(facebook)


@pytest.mark.parametrize("changes", [{"app_id": "another"}, {"app_secret": "another"}])
async def test_an_app_that_meta_does_not_know_is_refused(facebook: TinyFacebook, changes: dict[str, str]) -> None:
    with pytest.raises(AppRefused):
        await authorizer_at(facebook, **changes).exchange("a-code", BACK, None)


@pytest.mark.parametrize("missing", ["app_id", "app_secret"])
async def test_an_app_that_is_not_set_up_asks_nothing(facebook: TinyFacebook, missing: str) -> None:
    with pytest.raises(AppRefused, match="no app"):
        await authorizer_at(facebook, **{missing: None}).exchange("a-code", BACK, None)
    assert facebook.requests == []


# The pages


async def test_each_page_offers_its_account_with_a_token_of_its_own(facebook: TinyFacebook) -> None:
    facebook.pages = [page(), page(OTHER_PAGE, OTHER_ACCOUNT, "grace"), page("77", None, "no account")]
    facebook.pages_at_once = 1
    grant = await granted(facebook)
    first, second = await authorizer_at(facebook).accounts(grant)
    assert (first.platform_id, first.username, first.display_name) == (ACCOUNT, "ada", "Ada")
    assert (second.platform_id, second.username) == (OTHER_ACCOUNT, "grace")
    for offered, number in ((first, PAGE), (second, OTHER_PAGE)):
        assert offered.grant is not None
        kept = json.loads(offered.grant.secret.text)
        assert kept["page"] == {"id": number, "account_id": offered.platform_id, "token": f"page-{number}-1"}
        assert kept["access_token"] == "long-1"
        assert (offered.grant.scopes, offered.grant.expires_at) == (grant.scopes, grant.expires_at)
    asked = facebook.asked("/me/accounts")
    assert [one.get("after") for one in asked] == [None, "1", "2"]
    assert {one["appsecret_proof"] for one in asked} == {proof_of("long-1")}
    assert "page-" not in repr((first, second))


@pytest.mark.parametrize(
    ("pages", "unknown", "words"),
    [
        ([], set(), "no Facebook page"),
        ([page(account=None)], set(), "No Instagram business or creator account"),
        ([page(account=None, connected_instagram_account={"id": "1"})], set(), "personal account"),
        ([page(access_token=None)], set(), "No Instagram business or creator account"),
    ],
)
async def test_a_login_without_an_account_is_told_what_is_missing(
    facebook: TinyFacebook, pages: list[dict[str, Any]], unknown: set[str], words: str
) -> None:
    facebook.pages = pages
    grant = await granted(facebook)
    with pytest.raises(NoAccountOffered, match=words):
        await authorizer_at(facebook).accounts(grant)


async def test_a_field_that_meta_knows_no_longer_costs_only_its_sentence(facebook: TinyFacebook) -> None:
    facebook.pages = [page(account=None, connected_instagram_account={"id": "1"})]
    grant = await granted(facebook)
    facebook.unknown_fields = {"connected_instagram_account"}
    with pytest.raises(NoAccountOffered, match="No Instagram business or creator account"):
        await authorizer_at(facebook).accounts(grant)


async def test_pages_end_where_a_cursor_leads_to_itself(facebook: TinyFacebook) -> None:
    grant = await granted(facebook)
    same = {"cursors": {"before": "1", "after": "1"}, "next": "x"}
    facebook.fail("/me/accounts", Reply(200, {"data": [page()], "paging": same}))
    assert len(await authorizer_at(facebook).accounts(grant)) == 1
    assert len(facebook.asked("/me/accounts")) == 1


# Renewal and end


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": ago(days=-31)},
        {"obtained_at": ago(hours=23)},
        {"expires_at": None, "data_until": None, "obtained_at": ago(days=29)},
    ],
)
async def test_a_token_with_time_left_or_from_today_is_not_renewed(
    facebook: TinyFacebook, changes: dict[str, Any]
) -> None:
    assert await authorizer_at(facebook).refresh(secret(**changes)) is None
    assert facebook.requests == []


@pytest.mark.parametrize("changes", [{}, {"expires_at": None, "data_until": None}, {"expires_at": ago(days=-30)}])
async def test_a_token_is_renewed_at_thirty_of_sixty_days_with_the_token_of_its_page(
    facebook: TinyFacebook, changes: dict[str, Any]
) -> None:
    grant = await authorizer_at(facebook).refresh(secret(**changes))
    assert grant is not None
    kept = json.loads(grant.secret.text)
    assert (kept["access_token"], kept["page"]) == ("long-1", STORED_PAGE | {"token": f"page-{PAGE}-2"})
    assert grant.expires_at is not None
    assert grant.expires_at - datetime.now(UTC) > timedelta(days=59)
    assert facebook.asked(f"/{PAGE}") == [{"fields": "access_token", "appsecret_proof": proof_of("long-1")}]


async def test_a_page_that_is_gone_is_told_from_a_token_that_has_ended(facebook: TinyFacebook) -> None:
    facebook.pages = []
    with pytest.raises(PageAccessLost, match="page of this account is gone"):
        await authorizer_at(facebook).refresh(secret())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(190, 492, "no sufficient role on the Page"), PageAccessLost),
        (refusal(10, message="(#10) no permission"), PageAccessLost),
        (refusal(200, message="(#200) no permission"), PageAccessLost),
        (Reply(200, {"id": PAGE}), PageAccessLost),
        (refusal(190, 458), AccessRevoked),
        (refusal(80002, status=403), Throttled),
        (Reply(503, {}), SiteFailed),
    ],
)
async def test_a_page_that_gives_no_token_says_why(facebook: TinyFacebook, reply: Reply, kind: type[JobError]) -> None:
    facebook.fail(f"/{PAGE}", reply)
    with pytest.raises(kind):
        await authorizer_at(facebook).refresh(secret())


@pytest.mark.parametrize("changes", [{"expires_at": ago(seconds=1)}, {"data_until": ago(seconds=1)}])
async def test_a_token_that_has_ended_is_over_without_a_call(facebook: TinyFacebook, changes: dict[str, Any]) -> None:
    with pytest.raises(AccessRevoked, match="for a limited time"):
        await authorizer_at(facebook).refresh(secret(**changes))
    with pytest.raises(AccessRevoked, match="for a limited time"):
        async with opened(facebook, **changes):
            pass
    assert facebook.requests == []


async def test_disconnecting_ends_the_permissions_of_the_login(facebook: TinyFacebook) -> None:
    await authorizer_at(facebook).revoke(secret())
    assert facebook.ended == ["long-0"]
    assert facebook.asked("/me/permissions") == [{"appsecret_proof": proof_of("long-0")}]


async def test_a_login_that_has_ended_already_is_no_error(facebook: TinyFacebook) -> None:
    facebook.tokens.clear()
    await authorizer_at(facebook).revoke(secret())
    assert facebook.ended == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"access_token": "x"}'])
async def test_a_secret_of_another_form_is_not_opened(facebook: TinyFacebook, text: str) -> None:
    with pytest.raises(VaultError):
        await authorizer_at(facebook).refresh(SessionSecret(text))


async def test_a_secret_without_a_page_opens_no_account(facebook: TinyFacebook) -> None:
    with pytest.raises(VaultError):
        async with opened(facebook, page=None):
            pass


# Reading


async def test_the_account_of_the_page_is_read_with_the_token_of_the_page(facebook: TinyFacebook) -> None:
    async with opened(facebook) as live:
        facts = (await live.check("ada")).value
        assert (await live.source.profile("ada")).value == facts
        kept = json.loads((await live.session()).text)
    assert (kept["access_token"], kept["page"], kept["scopes"]) == ("long-0", STORED_PAGE, SCOPES)
    assert (facts.platform_id, facts.username, facts.display_name) == (ACCOUNT, "ada", "Ada")
    assert (facts.followers, facts.following, facts.media_count) == (1230, 321, 3)
    assert facts.is_professional
    (request,) = facebook.requests
    assert (request.path, request.token) == (f"/v27.0/{ACCOUNT}", f"page-{PAGE}-1")
    assert request.given["appsecret_proof"] == proof_of(f"page-{PAGE}-1")
    assert not {"user_id", "account_type"} & set(request.given["fields"].split(","))


async def test_fields_that_facebook_does_not_know_cost_only_themselves(facebook: TinyFacebook) -> None:
    facebook.unknown_fields = {"website"}
    async with opened(facebook) as live:
        facts = (await live.check("ada")).value
    assert (facts.username, facts.display_name) == ("ada", None)


async def test_posts_days_and_audience_come_as_by_instagrams_login(facebook: TinyFacebook) -> None:
    async with opened(facebook) as live:
        posts = (await live.source.posts(OWNER, "ada", None)).value
        days = (await live.source.daily(WEEK)).value
        audience = (await live.source.audience(WEEK)).value
    assert [one.code for one in posts.media] == [one.code for one in facebook.media[:2]]
    assert {one.metric for one in days.figures} >= {"reach", "views"}
    assert audience.shares
    assert {one.token for one in facebook.requests} == {f"page-{PAGE}-1"}


async def test_without_the_scope_no_figure_is_asked_for(facebook: TinyFacebook) -> None:
    async with opened(facebook, scopes=["instagram_basic", "pages_show_list", "pages_read_engagement"]) as live:
        await live.check("ada")
        with pytest.raises(PermissionMissing):
            await live.source.daily(WEEK)
    assert facebook.asked("/insights") == []


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (refusal(190, 463), AccessRevoked, "for a limited time"),
        (refusal(190, 458), AccessRevoked, "app was removed"),
        (refusal(190, 460), AccessRevoked, "password"),
        (refusal(102), AccessRevoked, "withdrawn"),
        (refusal(190, 459), CheckpointRequired, "confirm"),
        (refusal(190, 492), PageAccessLost, "no role"),
        (refusal(100, 33), PageAccessLost, "no longer shows"),
        (refusal(10), PermissionMissing, "does not let"),
        (refusal(200), PermissionMissing, "does not let"),
        (refusal(3), AppRefused, "not switched on"),
        (refusal(32, status=403), Throttled, "fewer calls"),
        (refusal(368), RateLimited, "wait"),
        (refusal(2, status=500), SiteFailed, "internal error"),
        (Reply(200, "<html>"), UnexpectedAnswer, "JSON"),
    ],
)
async def test_each_refusal_is_its_error(
    facebook: TinyFacebook, reply: Reply, kind: type[JobError], words: str
) -> None:
    facebook.fail(f"/{ACCOUNT}", reply)
    async with opened(facebook) as live:
        with pytest.raises(kind, match=words):
            await live.check("ada")


async def test_a_facebook_that_is_not_there_is_unreachable(facebook: TinyFacebook) -> None:
    app = FacebookApp(APP_ID, APP_SECRET, "http://127.0.0.1:9", "v27.0")
    with pytest.raises(SiteUnreachable):
        await FacebookAuthorizer(app).exchange("a-code", BACK, None)


async def test_a_worker_without_the_apps_secret_opens_nothing(facebook: TinyFacebook) -> None:
    with pytest.raises(AppRefused, match="no app"):
        async with opener(app_at(facebook, app_secret=None))(secret(), NoLimit()):
            pass
    assert facebook.requests == []
