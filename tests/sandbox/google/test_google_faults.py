"""Trouble on demand: each fault shows what the real site answers then."""

import httpx
import pytest

from sandbox.google.api.trouble import REASONS
from sandbox.google.faults import FaultKind
from sandbox.google.oauth.clients import ANALYTICS, YOUTUBE
from sandbox.google.server import Running
from sandbox.world.channel.channel import ChannelConfig
from tests.sandbox.google.app import App, error_of, refusal_of
from tests.sandbox.google.conftest import SMALL, Visit

DEAD = (400, "invalid_grant", "Token has been expired or revoked.")


def uploads(app: App, **params: str) -> httpx.Response:
    """A page of two of the own uploads."""
    playlist = app.google.channels()[0].uploads
    return app.get("/youtube/v3/playlistItems", part="contentDetails", playlistId=playlist, maxResults="2", **params)


def test_an_access_token_that_expired_can_be_refreshed(connected: App) -> None:
    connected.control("faults", kind="expired")
    assert error_of(connected.channel()) == (401, "authError")
    assert error_of(connected.report()) == (401, "authError")
    connected.tokens |= connected.refresh().json()
    assert connected.channel().status_code == 200


def test_who_was_revoked_by_the_person_must_connect_again(connected: App) -> None:
    assert connected.control("faults", kind="revoked").json() == {"grants_ended": 1}
    assert error_of(connected.channel()) == (401, "authError")
    assert refusal_of(connected.refresh()) == DEAD
    connected.connect()
    assert connected.channel().status_code == 200


def test_only_one_channels_grant_is_revoked_on_request(visit: Visit) -> None:
    app = visit(SMALL, ChannelConfig(number=2, videos=1))
    first, second = app.google.channels()
    app.connect(channel=first.id)
    kept = app.connect(channel=second.id)
    app.control("faults", kind="revoked", variant=first.id)
    assert app.channel().status_code == 200
    assert app.refresh(refresh_token=kept["refresh_token"]).status_code == 200


def test_a_scope_that_was_withdrawn_is_missing_at_once_and_after_a_refresh(connected: App) -> None:
    connected.control("faults", kind="scope_withdrawn", variant="yt-analytics.readonly")
    assert error_of(connected.report()) == (403, "insufficientPermissions")
    assert connected.channel().status_code == 200
    tokens = connected.refresh().json()
    assert tokens["scope"] == YOUTUBE
    connected.tokens |= tokens
    assert error_of(connected.report()) == (403, "insufficientPermissions")
    connected.connect()
    assert connected.report().status_code == 200


def test_a_spent_quota_ends_at_midnight_pacific(connected: App) -> None:
    connected.control("faults", kind="quota_spent")
    assert error_of(connected.channel()) == (403, "quotaExceeded")
    assert error_of(connected.report()) == (403, "dailyLimitExceeded")
    connected.control("advance", hours=14)
    connected.tokens |= connected.refresh().json()
    assert connected.channel().status_code == 200
    assert connected.report().status_code == 200


@pytest.mark.parametrize("where", ["data", "analytics"])
def test_a_throttle_says_how_long(connected: App, where: str) -> None:
    connected.control("faults", kind="throttled", where=where, ms=30_000)
    ask, other = (connected.channel, connected.report) if where == "data" else (connected.report, connected.channel)
    assert other().status_code == 200
    answer = ask()
    assert error_of(answer) == (429, "rateLimitExceeded")
    assert answer.headers["Retry-After"] == "30"
    assert answer.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert ask().status_code == 200


def test_the_older_throttle_is_a_403_without_a_time(connected: App) -> None:
    connected.control("faults", kind="throttled", status=403, variant="userRateLimitExceeded")
    answer = connected.channel()
    assert error_of(answer) == (403, "userRateLimitExceeded")
    assert "Retry-After" not in answer.headers


def test_a_throttle_may_be_silent_about_the_time(connected: App) -> None:
    connected.control("faults", kind="throttled", ms=0)
    answer = connected.channel()
    assert error_of(answer) == (429, "rateLimitExceeded")
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("reason", REASONS)
def test_any_reason_can_be_asked_for(connected: App, reason: str) -> None:
    connected.control("faults", kind="refused", where="data", variant=reason)
    assert connected.report().status_code == 200
    assert error_of(connected.channel()) == (REASONS[reason][0], reason)
    assert connected.channel().status_code == 200


def test_a_refresh_token_may_be_replaced(connected: App) -> None:
    connected.control("faults", kind="rotated")
    old = connected.tokens["refresh_token"]
    connected.tokens |= connected.refresh().json()
    assert connected.tokens["refresh_token"] != old
    assert refusal_of(connected.refresh(refresh_token=old)) == DEAD
    assert connected.refresh().status_code == 200


def test_an_answer_may_be_empty(connected: App) -> None:
    connected.control("faults", kind="empty", times=2)
    assert "items" not in connected.channel().json()
    assert "rows" not in connected.report(dimensions="country").json()
    assert connected.channel().json()["items"]


def test_a_slow_answer_is_still_an_answer(connected: App) -> None:
    connected.control("faults", kind="slow", ms=1)
    assert connected.channel().status_code == 200
    assert connected.http.get("/_sandbox/faults").json() == {"faults": []}


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_is_json(connected: App, status: int) -> None:
    connected.control("faults", kind="server_error", status=status, times=2)
    assert error_of(connected.channel()) == (status, "backendError")
    assert error_of(connected.report()) == (status, "backendError")
    assert connected.channel().status_code == 200


@pytest.mark.parametrize(("status", "variant"), [(502, ""), (503, "html")])
def test_a_server_error_may_be_a_page(connected: App, status: int, variant: str) -> None:
    connected.control("faults", kind="server_error", status=status, variant=variant)
    answer = connected.channel()
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=UTF-8")


def test_the_token_endpoint_has_trouble_of_its_own(connected: App) -> None:
    connected.control("faults", kind="server_error", where="token")
    assert connected.channel().status_code == 200
    assert refusal_of(connected.refresh())[:2] == (503, "internal_failure")
    connected.control("faults", kind="throttled", where="token")
    assert refusal_of(connected.refresh())[:2] == (429, "rate_limit_exceeded")
    connected.control("faults", kind="malformed", where="token", variant="html")
    assert connected.refresh().text.startswith("<!DOCTYPE html>")
    assert connected.refresh().status_code == 200


@pytest.mark.parametrize("variant", ["", "html", "list"])
def test_a_malformed_answer_is_200_and_no_object(connected: App, variant: str) -> None:
    connected.control("faults", kind="malformed", variant=variant)
    answer = connected.channel()
    assert answer.status_code == 200
    try:
        body = answer.json()
    except ValueError:
        body = None
    assert not isinstance(body, dict)


def test_an_answer_may_be_larger_than_anyone_reads(connected: App) -> None:
    connected.control("faults", kind="malformed", variant="huge", where="analytics")
    assert len(connected.report().content) > 10_000_000


def test_an_api_may_not_be_enabled(connected: App) -> None:
    connected.control("faults", kind="not_configured", where="analytics")
    assert error_of(connected.report()) == (403, "accessNotConfigured")
    connected.google.client.apis.discard("youtube.googleapis.com")
    assert error_of(connected.channel()) == (403, "accessNotConfigured")


def test_a_channel_may_not_be_signed_up(connected: App) -> None:
    connected.control("faults", kind="signup_required")
    assert error_of(connected.channel()) == (401, "youtubeSignupRequired")
    assert connected.channel().status_code == 200


@pytest.mark.parametrize(("state", "reason"), [("closed", "channelClosed"), ("suspended", "channelSuspended")])
def test_a_channel_that_is_closed_says_so_and_hides_from_others(connected: App, state: str, reason: str) -> None:
    channel = connected.google.channels()[0]
    connected.control("faults", kind="channel_closed", variant=state)
    assert error_of(connected.channel()) == (403, reason)
    assert error_of(connected.report()) == (403, "forbidden")
    assert error_of(uploads(connected)) == (404, "playlistNotFound")
    assert "items" not in connected.channel(mine="", id=channel.id).json()
    connected.control("faults", kind="channel_closed", variant=f"open {channel.id}")
    assert connected.channel().json()["items"]


def test_a_video_that_is_gone_is_neither_listed_nor_found(connected: App) -> None:
    newest = uploads(connected).json()["items"][0]["contentDetails"]["videoId"]
    assert connected.control("faults", kind="video_gone").json()["video"] == newest
    listed = [item["contentDetails"]["videoId"] for item in uploads(connected).json()["items"]]
    assert newest not in listed
    assert "items" not in connected.get("/youtube/v3/videos", part="id", id=newest).json()
    other = connected.control("faults", kind="video_gone", variant=listed[1]).json()["video"]
    assert other == listed[1]


def test_analytics_may_come_days_later(connected: App) -> None:
    usual = connected.rows()[-1][0]
    connected.control("faults", kind="analytics_lag", variant="3", times=2)
    assert (usual, connected.rows()[-1][0]) == ("2026-11-17", "2026-11-14")
    assert connected.rows(dimensions="", startDate="2026-11-15") == []
    assert connected.rows()[-1][0] == usual


def test_a_retired_metric_fails_every_query_that_asks_for_it(connected: App) -> None:
    connected.control("faults", kind="metric_retired", variant="shares", times=100)
    assert error_of(connected.report(metrics="views,shares")) == (400, "badRequest")
    assert connected.report(metrics="views,likes").status_code == 200


def test_a_report_may_be_forbidden(connected: App) -> None:
    connected.control("faults", kind="forbidden")
    assert connected.channel().status_code == 200
    assert error_of(connected.report()) == (403, "forbidden")


def test_a_page_token_may_go_bad(connected: App) -> None:
    token = uploads(connected).json()["nextPageToken"]
    connected.control("faults", kind="bad_page_token")
    assert error_of(uploads(connected, pageToken=token)) == (400, "invalidPageToken")
    assert uploads(connected, pageToken=token).status_code == 200


def test_a_cursor_may_repeat_itself(connected: App) -> None:
    first = uploads(connected).json()["nextPageToken"]
    connected.control("faults", kind="repeated_cursor", times=2)
    second = uploads(connected, pageToken=first).json()
    assert second["nextPageToken"] == first
    assert uploads(connected, pageToken=second["nextPageToken"]).json()["items"] == second["items"]


def test_a_page_may_be_short_of_what_is_declared(connected: App) -> None:
    connected.control("faults", kind="short_list")
    body = uploads(connected).json()
    assert len(body["items"]) == 1
    assert body["pageInfo"]["totalResults"] == len(connected.google.channels()[0].listed(owner=True))


def test_a_fault_may_come_later(connected: App) -> None:
    connected.control("faults", kind="server_error", after=1)
    assert [connected.channel().status_code for _ in range(3)] == [200, 503, 200]


def test_faults_can_be_cleared(connected: App) -> None:
    connected.control("faults", kind="server_error", times=50)
    assert connected.control("faults", kind="clear").json() == {"faults": []}
    assert connected.channel().status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "earthquake"},
        {"kind": "slow", "where": "nowhere"},
        {"kind": "slow", "times": -1},
        {"kind": "video_gone", "variant": "no such"},
        {"kind": "channel_closed", "variant": "sold"},
        {"kind": "refused", "variant": "noReason"},
        {"kind": "scope_withdrawn", "variant": "no such"},
    ],
)
def test_a_wrong_fault_is_refused(connected: App, body: dict[str, object]) -> None:
    answer = connected.http.post("/_sandbox/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_every_kind_of_fault_has_a_test() -> None:
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    assert [kind.value for kind in FaultKind if f'kind="{kind.value}"' not in text] == []


def test_control_shows_calls_quota_and_grants(connected: App) -> None:
    connected.channel()
    connected.report()
    seen = connected.http.get("/_sandbox/requests").json()
    assert (seen["by_kind"]["channels"], seen["by_kind"]["reports"]) == (1, 1)
    project = connected.google.client.project
    assert seen["spent"] == {
        f"{project}/youtube.googleapis.com/2026-11-20": 1,
        f"{project}/youtubeanalytics.googleapis.com/2026-11-20": 1,
    }
    grants = connected.http.get("/_sandbox/grants").json()
    channel = connected.google.channels()[0]
    assert [(grant["channel"], grant["scopes"]) for grant in grants["grants"]] == [(channel.id, [YOUTUBE, ANALYTICS])]
    assert grants["refresh_tokens"] == 1


def test_control_shows_the_truth_by_id_or_handle(app: App) -> None:
    channel = app.google.channels()[0]
    true = app.http.get(f"/_sandbox/truth/{channel.id}").json()
    assert app.http.get(f"/_sandbox/truth/{channel.handle}").json() == true
    assert len(true["days"]) == 28
    assert (true["daily_until"], true["settled_until"]) == ("2026-11-16", "2026-11-16")
    since = app.http.get(f"/_sandbox/truth/{channel.id}", params={"since": "2026-11-18"}).json()
    assert list(since["days"]) == ["2026-11-18", "2026-11-19"]
    assert app.http.get("/_sandbox/truth/UCanother").status_code == 404
    assert app.http.get(f"/_sandbox/truth/{channel.id}", params={"since": "soon"}).status_code == 400
    accounts = app.http.get("/_sandbox/accounts").json()["accounts"]
    assert accounts[0]["channels"] == [{"id": channel.id, "handle": channel.handle}]


def test_control_registers_redirect_uris(app: App) -> None:
    answer = app.control("clients", redirect_uri="https://rollcall.example/api/auth/google/callback")
    assert "https://rollcall.example/api/auth/google/callback" in answer.json()["redirect_uris"]
    refused = app.http.post("/_sandbox/clients", json={"redirect_uri": "http://rollcall.example/"})
    assert refused.status_code == 400


def test_the_settings_lead_to_the_stand_in(app: App) -> None:
    running: Running = app.running
    settings = running.environment()
    assert settings["GOOGLE_CLIENT_ID"] == app.google.client.id
    assert {value for name, value in settings.items() if name.endswith("_URL")} == {running.url}
