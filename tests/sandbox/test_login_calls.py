"""The calls of the login and two-factor pages."""

import json
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest

from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from tests.sandbox.visitor import LOGIN, SMS, Visitor

TINY = WorldConfig(followers=3, following=1, posts=1)
Visit = Callable[[Config], Visitor]


@pytest.fixture
def by_totp(visit: Visit) -> Visitor:
    """A stranger before an account with an authenticator."""
    return with_cookies(visit, TwoFactor.TOTP)


@pytest.fixture
def by_sms(visit: Visit) -> Visitor:
    """A stranger before an account that sends codes."""
    return with_cookies(visit, TwoFactor.SMS)


@pytest.fixture
def plain(visit: Visit) -> Visitor:
    """A stranger before an account with a password only."""
    return with_cookies(visit, TwoFactor.NONE)


def with_cookies(visit: Visit, two_factor: TwoFactor) -> Visitor:
    """A visitor who has opened the login page."""
    visitor = visit(Config(TINY, two_factor, resend_seconds=0))
    visitor.open_login_page()
    return visitor


def identifier(visitor: Visitor) -> str:
    """Start a login and return the challenge's identifier."""
    text: str = visitor.try_password(visitor.of.password).json()["two_factor_info"]["two_factor_identifier"]
    return text


def last_sms(visitor: Visitor) -> str:
    """The newest code on the phone."""
    return visitor.messages()[-1]["code"]


def is_in(visitor: Visitor) -> bool:
    """Whether the edit page opens."""
    return visitor.http.get("/accounts/edit/").status_code == 200


def test_a_password_alone_opens_an_account_without_a_second_factor(plain: Visitor) -> None:
    before = plain.http.cookies["csrftoken"]
    answer = plain.try_password(plain.of.password)
    assert answer.json() == {
        "authenticated": True,
        "user": True,
        "userId": plain.of.user_id,
        "oneTapPrompt": True,
        "status": "ok",
    }
    assert {"sessionid", "ds_user_id", "rur", "csrftoken"} <= set(plain.http.cookies)
    assert plain.http.cookies["csrftoken"] != before
    assert is_in(plain)


def test_every_outcome_has_the_recorded_status_and_fields(
    plain: Visitor, by_totp: Visitor, instagram_fixtures: Path
) -> None:
    cases = {case["case"]: case for case in json.loads((instagram_fixtures / "login_responses.json").read_text())}
    plain.control("faults", kind="checkpoint")
    outcomes = {
        "bad_password": plain.try_password("wrong"),
        "unknown_user": plain.try_password("wrong", "no one.at.all"),
        "generic_error": plain.post(LOGIN, username=plain.of.username, enc_password="in the clear"),
        "checkpoint": plain.try_password(plain.of.password),
        "ok": plain.try_password(plain.of.password),
        "two_factor_legacy": by_totp.try_password(by_totp.of.password),
        "two_factor_code_rejected_typo_key": by_totp.try_code(identifier(by_totp), "000000000", "3"),
        "two_factor_code_rejected_sms": by_totp.try_code(identifier(by_totp), "000000000", "1"),
    }
    for name, answer in outcomes.items():
        assert answer.status_code == cases[name]["status"], name
        assert cases[name]["body"].keys() <= answer.json().keys(), name
        assert answer.json()["status"] == cases[name]["body"]["status"], name
        assert answer.json().get("error_type") == cases[name]["body"].get("error_type"), name


def test_wrong_password_and_unknown_user_say_which(plain: Visitor) -> None:
    assert plain.try_password("wrong").json() == {"authenticated": False, "user": True, "status": "ok"}
    assert plain.try_password("x", "nobody").json() == {"authenticated": False, "user": False, "status": "ok"}
    assert not is_in(plain)


def test_the_authenticators_code_opens_the_account(by_totp: Visitor) -> None:
    secret = by_totp.of.totp_secret
    assert secret is not None
    challenge = identifier(by_totp)
    assert by_totp.try_code(challenge, pyotp.TOTP(secret).now(), "3").json()["authenticated"] is True
    assert is_in(by_totp)
    assert by_totp.try_code(challenge, pyotp.TOTP(secret).now(), "3").json()["error_type"] == "invalid_identifier"


def test_a_wrong_code_leaves_the_challenge_open(by_totp: Visitor) -> None:
    challenge = identifier(by_totp)
    assert by_totp.try_code(challenge, "12345678", "3").status_code == 400
    assert not is_in(by_totp)
    assert by_totp.try_code(challenge, by_totp.totp() or "", "3").status_code == 200


def test_a_code_is_good_for_its_own_way_only(by_sms: Visitor) -> None:
    challenge = identifier(by_sms)
    code = last_sms(by_sms)
    assert by_sms.try_code(challenge, code, "2").status_code == 400
    assert by_sms.try_code(challenge, code, "3").status_code == 400
    assert by_sms.try_code(challenge, code, "9").status_code == 400
    assert by_sms.try_code(challenge, code, "1").status_code == 200
    assert by_sms.totp() is None


def test_another_sms_has_a_new_identifier_and_voids_the_old(by_sms: Visitor) -> None:
    old = identifier(by_sms)
    first = last_sms(by_sms)
    answer = by_sms.post(SMS, username=by_sms.of.username, identifier=old).json()
    new, second = answer["two_factor_info"]["two_factor_identifier"], last_sms(by_sms)
    assert (new != old, second != first) == (True, True)
    assert by_sms.try_code(old, second, "1").json()["error_type"] == "invalid_identifier"
    assert by_sms.try_code(new, first, "1").json()["error_type"] == "sms_code_validation_failed"
    assert by_sms.try_code(new, second, "1").status_code == 200


def test_an_account_with_an_authenticator_can_have_an_sms_sent(by_totp: Visitor) -> None:
    sent = by_totp.post(SMS, username=by_totp.of.username, identifier=identifier(by_totp)).json()
    new = sent["two_factor_info"]["two_factor_identifier"]
    assert by_totp.try_code(new, last_sms(by_totp), "1").status_code == 200


def test_a_backup_code_works_once_with_or_without_a_space(by_totp: Visitor) -> None:
    code = by_totp.of.backup_codes[0]
    assert len(by_totp.of.backup_codes) == 5
    assert by_totp.try_code(identifier(by_totp), f"{code[:4]} {code[4:]}", "2").status_code == 200
    assert by_totp.try_code(identifier(by_totp), code, "2").status_code == 400


def test_nobody_elses_challenge_can_be_answered(by_totp: Visitor) -> None:
    challenge = identifier(by_totp)
    answer = by_totp.post(SMS, username="someone.else", identifier=challenge)
    assert answer.json()["error_type"] == "invalid_identifier"


def test_trouble_set_for_the_login_comes_at_the_login(plain: Visitor) -> None:
    plain.control("faults", kind="suspended")
    plain.control("faults", kind="please_wait", where="login")
    assert plain.try_password(plain.of.password).status_code == 429
    assert plain.try_password(plain.of.password).json()["checkpoint_url"] == "/accounts/suspended/"
    assert "suspended" in plain.http.get("/accounts/suspended/").text
    assert plain.try_password(plain.of.password).status_code == 200


def test_cookies_live_for_seconds_and_the_session_is_hidden_from_scripts(plain: Visitor) -> None:
    lines = plain.try_password(plain.of.password).headers.get_list("Set-Cookie")
    assert all("Max-Age=" in line for line in lines)
    assert "HttpOnly" in next(line for line in lines if line.startswith("sessionid="))
    assert "HttpOnly" not in next(line for line in lines if line.startswith("csrftoken="))
    assert {"csrftoken", "mid", "ig_did", "datr"} <= set(plain.http.cookies)
