"""Trouble on demand: each fault shows what the real hosts answer then."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from flask import Flask, Response, request

from sandbox.http import HttpServer
from sandbox.meta.apps import BASIC, INSIGHTS
from sandbox.meta.faults import FaultKind, Where, place_of
from sandbox.meta.graph.refusals import REFUSALS, THROTTLES
from tests.sandbox.meta.app import App, error_of
from tests.sandbox.meta.test_meta_insights import SETTLED


def test_a_token_that_expired_is_dead_for_good(connected: App) -> None:
    assert connected.control("faults", kind="expired").json()["tokens_ended"] == 2
    assert error_of(connected.get("me")) == (400, 190, 463)
    assert error_of(connected.refresh()) == (400, 190, 463)
    connected.connect()
    assert connected.get("me").status_code == 200


@pytest.mark.parametrize("subcode", [458, 459, 460, 464, 467, 492])
def test_a_grant_ends_for_a_reason(connected: App, subcode: int) -> None:
    variant = "" if subcode == 458 else str(subcode)
    assert connected.control("faults", kind="revoked", variant=variant).json() == {"grants_ended": 1}
    answer = connected.get("me")
    assert error_of(answer) == (400, 190, subcode)
    assert answer.headers["WWW-Authenticate"].startswith('OAuth "Facebook Platform" "invalid_token"')
    connected.connect()
    assert connected.get("me").status_code == 200


def test_a_scope_that_was_withdrawn_empties_the_insights(connected: App) -> None:
    assert connected.daily("views", SETTLED, metric_type="total_value").json()["data"]
    connected.control("faults", kind="scope_withdrawn", variant=INSIGHTS)
    assert connected.daily("views", SETTLED, metric_type="total_value").json()["data"] == []
    assert connected.get("me").status_code == 200
    assert connected.http.get("/_sandbox/grants").json()["grants"][0]["scopes"] == [BASIC]


def test_a_spent_quota_says_when_it_comes_back(connected: App) -> None:
    connected.control("faults", kind="quota_spent")
    answer = connected.get("me")
    assert error_of(answer) == (403, 80002, None)
    (row,) = json.loads(answer.headers["X-Business-Use-Case-Usage"])[connected.account.id]
    assert (row["type"], row["call_count"], row["estimated_time_to_regain_access"]) == ("instagram", 100, 24 * 60)
    connected.control("advance", days=1)
    assert connected.get("me").status_code == 200


def test_calls_are_counted_against_the_limit_of_a_day(connected: App) -> None:
    connected.meta.app.calls_a_day = 3
    shares = []
    for _ in range(3):
        answer = connected.get("me/media", limit="1")
        (row,) = json.loads(answer.headers["X-Business-Use-Case-Usage"])[connected.account.id]
        shares.append(row["call_count"])
    assert shares == [33, 66, 100]
    assert error_of(connected.get("me")) == (403, 80002, None)
    spent = connected.http.get("/_sandbox/requests").json()
    assert list(spent["spent"].values()) == [3]
    assert spent["by_kind"]["media"] == 3


def test_the_usage_may_be_near_its_end(connected: App) -> None:
    connected.control("faults", kind="nearly_spent", variant="97")
    rows = [json.loads(connected.get("me").headers["X-Business-Use-Case-Usage"]) for _ in range(2)]
    assert [row[connected.account.id][0]["call_count"] for row in rows] == [97, 0]


@pytest.mark.parametrize("code", THROTTLES)
def test_a_throttle_has_the_header_of_its_kind(connected: App, code: int) -> None:
    connected.control("faults", kind="throttled", variant=str(code), ms=25 * 60_000)
    answer = connected.get("me")
    assert error_of(answer)[:2] == (403, code)
    if code == 80002:
        (row,) = next(iter(json.loads(answer.headers["X-Business-Use-Case-Usage"]).values()))
        assert row["estimated_time_to_regain_access"] == 25
    else:
        assert json.loads(answer.headers["X-App-Usage"])["call_count"] == 100
    assert connected.get("me").status_code == 200


@pytest.mark.parametrize("variant", REFUSALS)
def test_every_row_of_the_table_of_errors_can_be_refused(connected: App, variant: str) -> None:
    connected.control("faults", kind="refused", variant=variant)
    status, code, subcode = error_of(connected.get("me"))
    known = REFUSALS[variant]
    assert (status, code, subcode) == (known.status, known.code, known.subcode)
    assert variant.startswith(str(code))
    assert connected.get("me").status_code == 200


def test_some_errors_say_that_they_pass(connected: App) -> None:
    connected.control("faults", kind="refused", variant="12/transient")
    assert connected.get("me").json()["error"]["is_transient"] is True


@pytest.mark.parametrize(
    ("where", "path", "other"),
    [
        ("profile", "me", "me/media"),
        ("media", "me/media", "me"),
        ("media", "me/stories", "me"),
        ("insights", "me/insights", "me/stories"),
    ],
)
def test_a_fault_hits_its_own_place_only(connected: App, where: str, path: str, other: str) -> None:
    connected.control("faults", kind="server_error", where=where, status=500)
    assert connected.get(other).status_code == 200
    assert error_of(connected.get(path))[:2] == (500, 2)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/oauth/access_token", Where.TOKEN),
        ("/v27.0/oauth/access_token", Where.TOKEN),
        ("/refresh_access_token", Where.TOKEN),
        ("/v27.0/me/permissions", Where.TOKEN),
        ("/v27.0/me", Where.PROFILE),
        ("/v27.0/me/media", Where.MEDIA),
        ("/v27.0/17841449000000000/stories", Where.MEDIA),
        ("/v27.0/18123456789012345", Where.MEDIA),
        ("/v27.0/me/insights", Where.INSIGHTS),
        ("/v27.0/17841449000000000/insights", Where.INSIGHTS),
        ("/v27.0/18123456789012345/insights", Where.MEDIA_INSIGHTS),
        ("/v27.0/me/accounts", Where.PAGES),
        ("/oauth/authorize/consent", None),
        ("/_sandbox/now", None),
    ],
)
def test_every_path_has_its_place(path: str, where: Where | None) -> None:
    assert place_of(path) == where


def test_the_host_of_codes_may_fail_too(app: App) -> None:
    code = app.code()
    app.control("faults", kind="server_error", where="token", status=503)
    assert app.exchange(code).status_code == 503
    assert app.exchange(code).status_code == 200


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_json_or_a_page(connected: App, status: int) -> None:
    connected.control("faults", kind="server_error", status=status, variant="html")
    answer = connected.get("me")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


@pytest.mark.parametrize("variant", ["", "html", "list"])
def test_an_answer_may_be_malformed(connected: App, variant: str) -> None:
    connected.control("faults", kind="malformed", variant=variant)
    answer = connected.get("me")
    assert answer.status_code == 200
    try:
        assert answer.json() == []
    except ValueError:
        assert variant in ("", "html")


def test_an_answer_may_be_huge(connected: App) -> None:
    connected.control("faults", kind="malformed", variant="huge")
    assert len(connected.get("me").content) > 10_000_000


def test_an_answer_may_be_slow_and_arrives(connected: App) -> None:
    connected.control("faults", kind="slow", ms=30)
    assert connected.get("me").status_code == 200
    assert connected.http.get("/_sandbox/faults").json() == {"faults": []}


def test_a_retired_metric_fails_every_call_that_asks_for_it(connected: App) -> None:
    connected.control("faults", kind="metric_retired", where="insights", variant="shares", times=100)
    assert error_of(connected.daily("views,shares", SETTLED, metric_type="total_value")) == (400, 100, None)
    assert connected.daily("views,likes", SETTLED, metric_type="total_value").status_code == 200
    newest = connected.get("me/media").json()["data"][0]["id"]
    connected.control("faults", kind="metric_retired", where="media_insights", variant="saved")
    assert error_of(connected.get(f"{newest}/insights", metric="reach,saved")) == (400, 100, None)


def test_an_empty_metric_is_left_out_and_is_not_zero(connected: App) -> None:
    connected.control("faults", kind="metric_empty", variant="likes")
    body = connected.daily("views,likes", SETTLED, metric_type="total_value").json()
    assert [row["name"] for row in body["data"]] == ["views"]
    newest = connected.get("me/media").json()["data"][0]["id"]
    connected.control("faults", kind="metric_empty", variant="reach")
    assert connected.get(f"{newest}/insights", metric="reach").json()["data"] == []


def test_a_field_may_be_gone(connected: App) -> None:
    connected.control("faults", kind="field_gone", where="media", variant="caption", times=100)
    assert error_of(connected.get("me/media", fields="id,caption")) == (400, 100, None)
    assert connected.get("me/media", fields="id,permalink").status_code == 200


def test_cursors_may_stay_the_same(connected: App) -> None:
    first = connected.get("me/media", limit="5").json()
    after = first["paging"]["cursors"]["after"]
    connected.control("faults", kind="equal_cursors", times=2)
    second = connected.get("me/media", limit="5", after=after).json()
    assert second["paging"]["cursors"]["after"] == after
    assert connected.http.get(second["paging"]["next"]).json()["data"] == second["data"]


def test_a_page_may_be_empty_and_still_name_a_next_one(connected: App) -> None:
    connected.control("faults", kind="empty_page", times=2)
    first = connected.get("me/media", limit="5").json()
    assert first["data"] == []
    again = connected.http.get(first["paging"]["next"]).json()
    assert (again["data"], again["paging"]["next"]) == ([], first["paging"]["next"])
    assert len(connected.http.get(again["paging"]["next"]).json()["data"]) == 5


def test_a_list_may_be_short_of_the_counter(connected: App) -> None:
    connected.control("faults", kind="short_list")
    total = connected.get("me", fields="media_count").json()["media_count"]
    assert len(connected.get("me/media", limit="100").json()["data"]) == total - 1


def test_an_account_may_turn_personal(connected: App) -> None:
    connected.control("faults", kind="personal")
    assert connected.get("me", fields="account_type").json()["account_type"] == "PERSONAL"
    assert error_of(connected.daily("views", SETTLED, metric_type="total_value")) == (400, 10, None)
    newest = connected.get("me/media").json()["data"][0]["id"]
    assert error_of(connected.get(f"{newest}/insights", metric="reach")) == (400, 10, None)
    connected.control("faults", kind="personal", variant=f"{connected.account.username} MEDIA_CREATOR")
    assert connected.get("me", fields="account_type").json()["account_type"] == "MEDIA_CREATOR"


def test_a_page_that_is_missing_takes_its_account_with_it(app: App) -> None:
    app.connect_facebook()
    assert app.ask(app.account.id).status_code == 200
    app.control("faults", kind="page_missing", variant="unlinked")
    fields = "id,instagram_business_account"
    assert list(app.ask("me/accounts", fields=fields).json()["data"][0]) == ["id"]
    assert error_of(app.ask(app.account.id)) == (400, 100, 33)


def test_faults_can_be_cleared_and_may_come_later(connected: App) -> None:
    connected.control("faults", kind="server_error", after=1)
    assert [connected.get("me").status_code for _ in range(3)] == [200, 503, 200]
    connected.control("faults", kind="server_error", times=50)
    assert connected.control("faults", kind="clear").json() == {"faults": []}
    assert connected.get("me").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "earthquake"},
        {"kind": "slow", "where": "nowhere"},
        {"kind": "slow", "times": -1},
        {"kind": "revoked", "variant": "1"},
        {"kind": "refused", "variant": "7"},
        {"kind": "throttled", "variant": "5"},
        {"kind": "scope_withdrawn", "variant": "no such"},
        {"kind": "page_missing", "variant": "sold"},
        {"kind": "personal", "variant": "no.one"},
    ],
)
def test_a_wrong_fault_is_refused(connected: App, body: dict[str, object]) -> None:
    answer = connected.http.post("/_sandbox/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_every_kind_of_fault_has_a_test() -> None:
    text = ""
    for module in (__file__, __file__.replace("test_meta_faults", "test_meta_tokens")):
        with open(module, encoding="utf-8") as file:
            text += file.read()
    assert [kind.value for kind in FaultKind if f'kind="{kind.value}"' not in text] == []


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[str]]]:
    """An address that takes callbacks, and what it got."""
    got: list[str] = []
    app = Flask(__name__)

    @app.post("/callback")
    def take() -> Response:
        got.append(request.form["signed_request"])
        return Response('{"url":"https://rollcall.example/deletion/1","confirmation_code":"abc"}')

    server = HttpServer(app, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.port}/callback", got
    server.stop()


@pytest.mark.parametrize(("login", "kind"), [("instagram", "deauthorize"), ("facebook", "data_deletion")])
def test_a_callback_is_signed_with_the_secret_of_its_login(
    app: App, receiver: tuple[str, list[str]], login: str, kind: str
) -> None:
    address, got = receiver
    app.control("app", deauthorize_url=address, deletion_url=address)
    sent = app.control("callbacks", kind=kind, login=login).json()
    assert sent["status"] == 200
    assert json.loads(sent["body"])["confirmation_code"] == "abc"
    signature, _, payload = got[0].partition(".")
    secret = app.meta.app.instagram_secret if login == "instagram" else app.meta.app.secret
    made = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    assert signature == base64.urlsafe_b64encode(made).rstrip(b"=").decode()
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert said["algorithm"] == "HMAC-SHA256"
    assert said["user_id"] == sent["user_id"]
    assert said["issued_at"] == int(app.meta.now.timestamp())
    forged = app.control("callbacks", kind=kind, login=login, forged=True)
    assert forged.json()["status"] == 200
    assert got[1] != got[0]


def test_a_callback_needs_an_address_and_tells_when_none_answers(app: App) -> None:
    assert app.http.post("/_sandbox/callbacks", json={"kind": "deauthorize"}).status_code == 400
    assert app.http.post("/_sandbox/callbacks", json={"kind": "birthday"}).status_code == 400
    app.control("app", deauthorize_url="http://127.0.0.1:9/callback")
    assert app.control("callbacks", kind="deauthorize").json()["status"] is None
    other = {"kind": "deauthorize", "username": "no.one"}
    assert app.http.post("/_sandbox/callbacks", json=other).status_code == 404


def test_control_shows_the_truth_of_a_username(app: App) -> None:
    app.control("advance", days=1)
    true = app.truth(since="2026-11-18")
    days = true["days"]
    assert isinstance(days, dict)
    assert list(days) == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert true["settled_until"] == "2026-11-18"
    assert true["user_id"] == app.account.id
    assert app.http.get("/_sandbox/truth/no.one").status_code == 404
    answer = app.http.get(f"/_sandbox/truth/{app.account.username}", params={"since": "soon"})
    assert answer.status_code == 400
    rows = app.http.get("/_sandbox/accounts").json()["accounts"]
    assert [(row["username"], row["user_id"]) for row in rows] == [(app.account.username, app.account.id)]


def test_control_registers_redirect_uris(app: App) -> None:
    answer = app.control("app", redirect_uri="https://rollcall.example/api/auth/instagram/callback")
    assert "https://rollcall.example/api/auth/instagram/callback" in answer.json()["redirect_uris"]
    assert app.http.post("/_sandbox/app", json={"redirect_uri": "http://rollcall.example/"}).status_code == 400
    assert app.http.post("/_sandbox/app", json={"testers": "me"}).status_code == 400
