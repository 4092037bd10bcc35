"""Instagram Login's tokens: their shapes, their lives and their refusals, with the calendar moved by hand."""

import httpx
import pytest

from sandbox.meta.apps import BASIC, INSIGHTS
from tests.sandbox.meta.app import App, error_of

SIXTY_DAYS = 5_183_944


def short_of(app: App) -> str:
    """A short token."""
    return str(app.exchange(app.code()).json()["access_token"])


def message_of(answer: httpx.Response) -> str:
    """The text of a refusal by the host that takes codes."""
    assert answer.status_code == 400
    body = answer.json()
    assert (body["error_type"], body["code"]) == ("OAuthException", 400)
    return str(body["error_message"])


def test_a_code_becomes_a_short_token_and_that_a_long_one(app: App) -> None:
    short = app.exchange(app.code()).json()
    assert set(short) == {"access_token", "user_id", "permissions"}
    assert str(short["user_id"]) == app.account.scoped_id(app.meta.app.instagram_id)
    long = app.lengthen(short["access_token"]).json()
    assert (long["token_type"], long["expires_in"]) == ("bearer", SIXTY_DAYS)
    assert long["access_token"] not in ("", short["access_token"])


def test_the_answer_may_be_wrapped_as_it_is_documented(app: App) -> None:
    app.control("faults", kind="wrapped", where="token")
    (short,) = app.exchange(app.code()).json()["data"]
    assert isinstance(short["user_id"], str)
    assert short["permissions"] == f"{BASIC},{INSIGHTS}"
    app.control("faults", kind="wrapped", where="profile")
    app.token = app.lengthen(short["access_token"]).json()["access_token"]
    (me,) = app.get("me", fields="username").json()["data"]
    assert me["username"] == app.account.username


def test_a_code_works_once_for_an_hour_and_for_its_own_address(app: App) -> None:
    code = app.code()
    assert app.exchange(code).status_code == 200
    assert message_of(app.exchange(code)) == "Matching code was not found or was already used"
    assert "not found" in message_of(app.exchange(app.code(), redirect_uri="https://example.org/"))
    late = app.code()
    app.control("advance", hours=2)
    assert "not found" in message_of(app.exchange(late))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"client_id": None}, "Missing required field client_id"),
        ({"client_id": "990602627938098"}, "Invalid platform app"),
        ({"client_secret": "wrong"}, "Error validating client secret."),
        ({"grant_type": "refresh_token"}, "Invalid grant_type"),
        ({"code": None}, "Missing required field code"),
    ],
)
def test_a_wrong_exchange_is_refused_in_the_older_shape(app: App, changes: dict[str, str | None], text: str) -> None:
    assert text in message_of(app.exchange(app.code(), **changes))


def test_a_short_token_ends_after_an_hour_and_then_becomes_no_long_one(app: App) -> None:
    app.token = short_of(app)
    assert app.get("me").status_code == 200
    app.control("advance", hours=1)
    assert error_of(app.get("me")) == (400, 190, 463)
    assert error_of(app.lengthen(app.token)) == (400, 190, 463)


def test_only_a_short_token_is_lengthened_and_only_with_the_secret(app: App) -> None:
    short = short_of(app)
    assert error_of(app.lengthen(short, client_secret="wrong")) == (400, 1, None)
    assert error_of(app.lengthen(short, grant_type="fb_exchange_token")) == (400, 100, None)
    long = app.lengthen(short).json()["access_token"]
    assert error_of(app.lengthen(long)) == (400, 100, None)
    assert error_of(app.lengthen("made-up")) == (400, 190, None)


def test_a_long_token_is_renewed_once_it_is_a_day_old(connected: App) -> None:
    assert error_of(connected.refresh()) == (400, 100, None)
    connected.control("advance", hours=24)
    fresh = connected.refresh().json()
    assert (fresh["token_type"], fresh["expires_in"]) == ("bearer", SIXTY_DAYS)
    assert fresh["permissions"] == f"{BASIC},{INSIGHTS}"
    assert fresh["access_token"] != connected.token
    assert connected.get("me").status_code == 200
    connected.token = fresh["access_token"]
    assert connected.get("me").status_code == 200


def test_a_long_token_that_is_not_renewed_is_dead_after_sixty_days(connected: App) -> None:
    connected.control("advance", days=59, hours=23)
    fresh = connected.refresh().json()["access_token"]
    connected.control("advance", days=1)
    assert error_of(connected.get("me")) == (400, 190, 463)
    assert error_of(connected.refresh()) == (400, 190, 463)
    assert connected.refresh(fresh).status_code == 200


def test_a_short_token_is_not_renewed(app: App) -> None:
    short = short_of(app)
    assert error_of(app.refresh(short)) == (400, 100, None)
    assert error_of(app.http.get("/refresh_access_token", params={"access_token": short})) == (400, 100, None)


def test_a_token_without_the_basic_scope_is_not_renewed(connected: App) -> None:
    connected.control("faults", kind="scope_withdrawn", variant=BASIC)
    connected.control("advance", hours=24)
    assert error_of(connected.refresh()) == (400, 10, None)


def test_an_answer_may_leave_its_end_out(app: App) -> None:
    app.control("faults", kind="no_expiry")
    assert "expires_in" not in app.lengthen(short_of(app)).json()
