"""The newer second step's calls, messages and their cool-down, and the faults that lie over or before a page."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.site import KnownDevice, TwoStep
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from tests.sandbox.visitor import SMS, Visitor

pytestmark = pytest.mark.slow
TINY = WorldConfig(followers=3, following=1, posts=1)
VALIDATE, DOC_ID = "useTwoFactorLoginValidateCodeMutation", "26264014419868193"
Visit = Callable[[Config], Visitor]


def arrived(visit: Visit, two_factor: TwoFactor, **door: Any) -> Visitor:
    visitor = visit(replace(Config(TINY, two_factor, two_step=TwoStep.ENCRYPTED, resend_seconds=0), **door))
    visitor.open_login_page()
    return visitor


def context(visitor: Visitor) -> str:
    """Start a login and return the encrypted context; there is no identifier on this path."""
    info = visitor.try_password(visitor.of.password).json()["two_factor_info"]
    assert info["two_factor_identifier"] == ""
    found: str = info["encrypted_context"]
    return found


def ask(visitor: Visitor, name: str, doc_id: str, **variables: object) -> httpx.Response:
    form = {"fb_api_req_friendly_name": name, "doc_id": doc_id, "variables": json.dumps(variables)}
    headers = {"X-CSRFToken": visitor.http.cookies.get("csrftoken") or "", "X-FB-Friendly-Name": name}
    return visitor.http.post("/api/graphql", data=form, headers=headers)


def try_code(visitor: Visitor, encrypted: str, code: str, method: str, **changes: object) -> httpx.Response:
    fields = {
        "code": {"sensitive_string_value": code},
        "encryptedContext": encrypted,
        "flow": "TWO_FACTOR_LOGIN",
        "method": method,
        "maskedContactPoint": "",
        "trust_this_device": True,
    }
    return ask(visitor, VALIDATE, DOC_ID, **{**fields, **changes})


def judged(answer: httpx.Response) -> object:
    return answer.json()["data"]["xfb_two_factor_login_validate_code"]


def test_a_code_is_judged_in_the_data_and_a_right_one_brings_the_session(visit: Visit) -> None:
    visitor = arrived(visit, TwoFactor.TOTP, no_ds_user_id=True)
    encrypted = context(visitor)
    assert judged(try_code(visitor, encrypted, "000000", "TOTP")) == {"is_code_valid": False}
    assert "sessionid" not in visitor.http.cookies
    assert judged(try_code(visitor, encrypted, visitor.totp() or "", "TOTP")) == {"is_code_valid": True}
    assert "sessionid" in visitor.http.cookies
    assert "ds_user_id" not in visitor.http.cookies
    assert visitor.http.get("/accounts/edit/").status_code == 200


@pytest.mark.parametrize("changes", [{"flow": "OTHER"}, {"trust_this_device": "yes"}, {"encryptedContext": "made up"}])
def test_a_call_that_the_page_would_not_make_is_refused(visit: Visit, changes: dict[str, object]) -> None:
    visitor = arrived(visit, TwoFactor.TOTP)
    answer = try_code(visitor, context(visitor), visitor.totp() or "", "TOTP", **changes).json()
    assert "errors" in answer or answer["data"]["xfb_two_factor_login_validate_code"]["is_code_valid"] is False


def test_another_document_or_another_name_is_a_retired_operation(visit: Visit) -> None:
    visitor = arrived(visit, TwoFactor.TOTP)
    assert ask(visitor, VALIDATE, "1").status_code == 400
    assert ask(visitor, "useSomethingElse", DOC_ID).status_code == 400


def test_a_message_by_whatsapp_shows_on_the_phone_and_another_voids_context_and_code(visit: Visit) -> None:
    visitor = arrived(visit, TwoFactor.WHATSAPP)
    encrypted = context(visitor)
    first = visitor.messages()[-1]
    answer = ask(visitor, "useTwoFactorLoginSendCodeMutation", "0", encryptedContext=encrypted, method="WHATSAPP")
    renewed = answer.json()["data"]["xfb_two_factor_login_send_code"]["encrypted_context"]
    second = visitor.messages()[-1]
    assert (first["via"], second["via"], renewed != encrypted) == ("whatsapp", "whatsapp", True)
    assert "errors" in try_code(visitor, encrypted, second["code"], "WHATSAPP").json()
    assert judged(try_code(visitor, renewed, second["code"], "WHATSAPP")) == {"is_code_valid": True}


@pytest.mark.parametrize(("seconds", "sent"), [(0, 2), (60, 1)])
def test_messages_are_limited_in_number_and_by_a_cool_down(visit: Visit, seconds: int, sent: int) -> None:
    visitor = arrived(visit, TwoFactor.SMS, two_step=TwoStep.LEGACY, resend_seconds=seconds)
    info = visitor.try_password(visitor.of.password).json()["two_factor_info"]
    assert info["phone_verification_settings"] == {"max_sms_count": 2, "resend_sms_delay_sec": seconds}
    for _ in range(2):
        answer = visitor.post(SMS, username=visitor.of.username, identifier=info["two_factor_identifier"])
        info = answer.json().get("two_factor_info", info)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Please wait")
    assert len(visitor.messages()) == sent


def test_one_click_is_for_a_device_that_the_site_knows(visit: Visit) -> None:
    one_click = "/api/v1/web/accounts/one_tap_web_login/"
    known = arrived(visit, TwoFactor.NONE, known_device=KnownDevice.DIRECT)
    assert "Continue as" in known.open_login_page().text
    assert known.post(one_click, user_id="1").status_code == 400
    assert known.post(one_click, user_id=known.of.user_id).json()["authenticated"] is True
    unknown = arrived(visit, TwoFactor.NONE)
    assert unknown.post(one_click, user_id=unknown.of.user_id).status_code == 400


def test_a_dialog_lies_over_the_next_page_that_it_belongs_to(visit: Visit) -> None:
    visitor = arrived(visit, TwoFactor.NONE)
    visitor.control("faults", kind="dialog", variant="notifications_pt")
    visitor.control("faults", kind="dialog", variant="cookie_de")
    assert "Optionale Cookies ablehnen" in visitor.open_login_page().text
    visitor.log_in()
    assert "Agora não" in visitor.http.get("/").text
    assert "Agora não" not in visitor.http.get("/").text
    refused = visitor.control("faults", kind="dialog", variant="cookie_tlh")
    assert refused.status_code == 400
    assert "cookie_es" in refused.json()["variants"]


@pytest.mark.parametrize(
    ("kind", "path", "text"),
    [
        ("suspicion", "/challenge/", "We suspect automated behavior on your account"),
        ("consent", "/privacy/consent/", "agree to our updated terms"),
    ],
)
def test_the_warning_and_a_consent_stand_before_a_page_or_an_answer(
    visit: Visit, kind: str, path: str, text: str
) -> None:
    visitor = arrived(visit, TwoFactor.NONE)
    visitor.log_in()
    visitor.control("faults", kind=kind)
    page = visitor.http.get("/accounts/edit/", follow_redirects=True)
    assert page.url.path == path
    assert text in page.text
    visitor.control("faults", kind=kind, where="json")
    answer = visitor.http.get(f"/api/v1/users/{visitor.of.user_id}/info/")
    assert (answer.status_code, httpx.URL(answer.headers["Location"]).path) == (302, path)
    assert visitor.http.get(f"/api/v1/users/{visitor.of.user_id}/info/").status_code == 200
