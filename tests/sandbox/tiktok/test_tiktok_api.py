"""The Display API: the person and their videos agree with the world, and trouble comes on demand."""

import httpx
import pytest

from sandbox.tiktok.api.answers import ERRORS
from sandbox.tiktok.faults import FaultKind
from sandbox.tiktok.keys import VIDEOS
from tests.sandbox.tiktok.app import App, error_of, refusal_of


def truth(app: App) -> dict[str, object]:
    """The truth of the first person."""
    found: dict[str, object] = app.http.get(f"/_sandbox/truth/{app.tiktok.people[0].username}").json()
    return found


def every_video(app: App) -> list[dict[str, object]]:
    """All videos, page by page."""
    rows: list[dict[str, object]] = []
    cursor = None
    while True:
        body = {"max_count": 7} | ({"cursor": cursor} if cursor else {})
        data = app.videos(**body).json()["data"]
        rows += data["videos"]
        cursor = data["cursor"]
        if not data["has_more"]:
            return rows


def views_of(app: App) -> dict[str, int]:
    """The views of all videos by id."""
    return {str(row["id"]): int(str(row["view_count"])) for row in every_video(app)}


def test_the_person_has_the_counters_of_the_world(connected: App) -> None:
    connected.control("advance", hours=1)
    body = connected.user().json()
    user, true = body["data"]["user"], truth(connected)
    assert body["error"]["code"] == "ok"
    assert (user["follower_count"], user["likes_count"]) == (true["followers"], true["likes"])
    assert (user["username"], user["following_count"]) == (true["username"], true["following"])
    assert user["open_id"] == connected.tokens["open_id"]
    assert connected.http.get(user["avatar_url"]).headers["Content-Type"] == "image/png"


def test_every_video_is_listed_once_newest_first(connected: App) -> None:
    rows = every_video(connected)
    clips = truth(connected)["clips"]
    assert isinstance(clips, list)
    assert [row["id"] for row in rows] == [clip["id"] for clip in clips]
    assert [row["view_count"] for row in rows] == [clip["views"] for clip in clips]
    assert [row["create_time"] for row in rows] == sorted((clip["created_at"] for clip in clips), reverse=True)
    assert len(connected.videos().json()["data"]["videos"]) == 10


def test_counters_grow_with_the_days_and_followers_come(connected: App) -> None:
    before, followers = views_of(connected), connected.profile.followers
    connected.control("advance", days=5)
    connected.tokens = connected.refresh().json()
    after = views_of(connected)
    assert all(after[identity] >= count for identity, count in before.items())
    assert sum(after.values()) > sum(before.values())
    assert connected.profile.followers > followers


def test_a_video_that_is_gone_is_in_no_list_and_no_answer(connected: App) -> None:
    newest = every_video(connected)[0]["id"]
    assert connected.control("faults", kind="video_gone").json()["video"] == newest
    assert newest not in [row["id"] for row in every_video(connected)]
    answer = connected.query(str(newest))
    assert (answer.status_code, answer.json()["data"]["videos"]) == (200, [])


def test_a_cover_is_good_for_six_hours_and_a_query_renews_it(connected: App) -> None:
    newest = every_video(connected)[0]
    cover = str(newest["cover_image_url"])
    assert connected.http.get(cover).status_code == 200
    connected.control("advance", hours=6)
    assert connected.http.get(cover).status_code == 403
    connected.tokens = connected.refresh().json()
    (row,) = connected.query(str(newest["id"])).json()["data"]["videos"]
    assert connected.http.get(row["cover_image_url"]).status_code == 200


@pytest.mark.parametrize("body", [{"max_count": 21}, {"max_count": 0}, {"cursor": "next"}, {"cursor": -1}])
def test_a_wrong_page_is_refused(connected: App, body: dict[str, object]) -> None:
    assert error_of(connected.videos(**body)) == (400, "invalid_params")


def test_a_wrong_question_is_refused(connected: App) -> None:
    assert error_of(connected.user("")) == (400, "invalid_params")
    assert error_of(connected.user("reach")) == (400, "invalid_params")
    assert error_of(connected.query()) == (400, "invalid_params")
    assert error_of(connected.query(*map(str, range(21)))) == (400, "invalid_params")
    form = connected.http.post("/v2/video/list/", params={"fields": "id"}, data={}, headers=connected.headers())
    assert error_of(form) == (400, "invalid_params")
    assert error_of(connected.http.get("/v2/research/")) == (400, "invalid_params")
    connected.tokens = {}
    assert error_of(connected.user()) == (401, "access_token_invalid")


def test_each_route_has_its_own_limit_of_a_minute(connected: App) -> None:
    connected.tiktok.app.calls_a_minute = 2
    assert [connected.user().status_code for _ in range(3)] == [200, 200, 429]
    assert connected.videos().status_code == 200
    assert connected.http.get("/_sandbox/requests").json()["spent"]["/v2/user/info/"] == 2
    connected.control("advance", hours=1)
    assert connected.user().status_code == 200


def test_a_spent_quota_ends_with_the_minute(connected: App) -> None:
    connected.control("faults", kind="quota_spent")
    assert error_of(connected.videos()) == (429, "rate_limit_exceeded")
    connected.control("advance", hours=1)
    assert connected.videos().status_code == 200


def test_an_expired_token_can_be_refreshed_unless_that_is_over_too(connected: App) -> None:
    connected.control("faults", kind="expired")
    assert error_of(connected.user()) == (401, "access_token_invalid")
    connected.tokens = connected.refresh().json()
    assert connected.user().status_code == 200
    assert connected.control("faults", kind="expired", variant="refresh").json() == {"refresh_tokens": 0}
    assert refusal_of(connected.refresh()) == (400, "invalid_grant")


def test_a_token_that_was_lost_after_rotation_ends_the_connection(connected: App) -> None:
    connected.control("faults", kind="lost_after_rotation")
    assert connected.refresh().status_code == 502
    assert refusal_of(connected.refresh()) == (400, "invalid_grant")
    assert connected.user().status_code == 200
    connected.connect()
    assert connected.refresh().status_code == 200


def test_a_revoked_person_must_connect_again(connected: App) -> None:
    assert connected.control("faults", kind="revoked").json() == {"grants_ended": 1}
    assert error_of(connected.user()) == (401, "access_token_invalid")
    assert connected.http.get("/_sandbox/grants").json() == {"grants": [], "refresh_tokens": 0}
    connected.connect()
    assert connected.user().status_code == 200


def test_a_withdrawn_scope_is_missing_at_once(connected: App) -> None:
    connected.control("faults", kind="scope_withdrawn", variant=VIDEOS)
    assert error_of(connected.videos()) == (401, "scope_not_authorized")
    assert connected.user().status_code == 200


@pytest.mark.parametrize("code", ERRORS)
def test_every_row_of_the_table_of_errors_can_be_refused(connected: App, code: str) -> None:
    connected.control("faults", kind="refused", variant=code, where="videos")
    assert connected.user().status_code == 200
    assert error_of(connected.videos()) == (ERRORS[code].status, code)
    assert connected.videos().status_code == 200


def test_an_answer_may_lack_its_error_object(connected: App) -> None:
    connected.control("faults", kind="no_envelope")
    assert list(connected.user().json()) == ["data"]


@pytest.mark.parametrize(("variant", "shown"), [("null", True), ("", False)])
def test_counters_may_be_missing(connected: App, variant: str, shown: bool) -> None:
    connected.control("faults", kind="counts_missing", variant=variant)
    first, second = connected.videos(max_count=2).json()["data"]["videos"]
    assert ("view_count" in first) is shown
    assert first.get("view_count") is None
    assert isinstance(second["view_count"], int)


def test_lists_may_lie(connected: App) -> None:
    first = connected.videos(max_count=3).json()["data"]
    connected.control("faults", kind="equal_cursors")
    again = connected.videos(max_count=3, cursor=first["cursor"]).json()["data"]
    assert (again["cursor"], again["has_more"]) == (first["cursor"], True)
    connected.control("faults", kind="empty_page")
    empty = connected.videos(max_count=3).json()["data"]
    assert (empty["videos"], empty["has_more"]) == ([], True)
    connected.control("faults", kind="short_list")
    assert len(connected.videos(max_count=3).json()["data"]["videos"]) == 2


@pytest.mark.parametrize("variant", ["", "html", "list", "huge"])
def test_an_answer_may_be_malformed(connected: App, variant: str) -> None:
    connected.control("faults", kind="malformed", variant=variant)
    answer = connected.user()
    assert answer.status_code == 200
    assert (len(answer.content) > 10_000_000) is (variant == "huge")
    assert (answer.text == "[]") is (variant == "list")


def test_an_answer_may_fail_or_be_slow(connected: App) -> None:
    connected.control("faults", kind="server_error", where="token")
    assert connected.refresh().status_code == 503
    connected.control("faults", kind="slow", ms=20)
    assert connected.user().status_code == 200
    connected.control("faults", kind="server_error", times=9)
    assert connected.control("faults", kind="clear").json() == {"faults": []}
    assert connected.user().status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "earthquake"},
        {"kind": "slow", "where": "nowhere"},
        {"kind": "refused", "variant": "teapot"},
        {"kind": "video_gone", "variant": "1"},
        {"kind": "scope_withdrawn", "variant": "no such"},
    ],
)
def test_a_wrong_fault_is_refused(connected: App, body: dict[str, object]) -> None:
    assert connected.http.post("/_sandbox/faults", json=body).status_code == 400


def test_every_kind_of_fault_has_a_test() -> None:
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    assert [kind.value for kind in FaultKind if f'kind="{kind.value}"' not in text] == []


def test_the_server_dates_its_answers_and_its_settings_lead_to_it(app: App) -> None:
    answer = app.http.get("/_sandbox/truth/no.one")
    assert (answer.status_code, answer.headers["Date"]) == (404, "Fri, 20 Nov 2026 18:00:00 GMT")
    settings = app.running.environment()
    assert {value for name, value in settings.items() if name.endswith("_URL")} == {app.running.url}
    refused = app.http.post("/_sandbox/app", json={"redirect_uri": "http://rollcall.example/"})
    assert refused.status_code == 400
    app.running.stop()
    app.running.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{app.running.url}/_sandbox/now")
