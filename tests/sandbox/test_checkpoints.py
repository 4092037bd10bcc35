"""The checkpoints of the stand-in, called as its own pages call them."""

import json
from collections.abc import Callable

import httpx
import pytest

from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.login.checkpoints import Variant
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from tests.sandbox.visitor import Visitor

TINY = Config(WorldConfig(followers=5, following=2, posts=1), TwoFactor.NONE)
DOCUMENTS = {
    "CodeEntryViewQuery": "34414353874878894",
    "ChallengePickerViewQuery": "26777000331897324",
    "TryAnotherWay": "9378248908953318",
    "SelectChallenge": "9771607989592788",
    "SubmitCode": "25017097917894476",
    "SendCodeAgain": "29612122925068775",
}


@pytest.fixture
def guest(visit: Callable[[Config], Visitor]) -> Visitor:
    visitor = visit(TINY)
    visitor.open_login_page()
    return visitor


def stopped(visitor: Visitor, variant: str) -> httpx.URL:
    """The address that a right password leads to."""
    visitor.control("faults", kind="checkpoint", variant=variant).raise_for_status()
    answer = visitor.try_password(visitor.of.password)
    assert (answer.status_code, answer.json()["message"]) == (400, "checkpoint_required")
    return httpx.URL(answer.json()["checkpoint_url"])


def operation(visitor: Visitor, name: str, apc: str, **variables: str) -> dict[str, object]:
    form = {"fb_api_req_friendly_name": name, "doc_id": DOCUMENTS[name]}
    answer = visitor.post("/api/graphql", **form, variables=json.dumps({"apc": apc, **variables}))
    (told,) = answer.raise_for_status().json()["data"].values()
    return dict(told)


def last_code(visitor: Visitor) -> str:
    return str(visitor.http.get(f"/_sandbox/phone/{visitor.of.username}").json()["messages"][-1]["code"])


def is_in(visitor: Visitor) -> bool:
    return visitor.http.get("/accounts/edit/").status_code == 200


@pytest.mark.parametrize(
    ("variant", "name", "length"), [("code_email", "EMAIL", 8), ("code_sms", "SMS", 6), ("code_whatsapp", "SOWA", 5)]
)
def test_a_code_opens_and_a_wrong_one_is_told_inline(guest: Visitor, variant: str, name: str, length: int) -> None:
    url = stopped(guest, variant)
    assert url.path == "/auth_platform/codeentry/"
    view = operation(guest, "CodeEntryViewQuery", url.params["apc"])
    assert (view["challenge_name"], view["code_length"]) == (name, length)
    assert operation(guest, "SubmitCode", url.params["apc"], code="0")["error_style"] == "INLINE"
    told = operation(guest, "SubmitCode", url.params["apc"], code=last_code(guest))
    assert not is_in(guest)
    assert guest.http.get(str(told["redirect_uri"])).headers["Location"].startswith("/accounts/onetap/")
    assert is_in(guest)


def test_another_code_is_sent_only_after_the_cool_down(guest: Visitor) -> None:
    apc = stopped(guest, "code_sms").params["apc"]
    first = last_code(guest)
    assert operation(guest, "SendCodeAgain", apc)["error_style"] == "INLINE"
    assert last_code(guest) == first


def test_the_picker_sends_the_code_the_chosen_way(guest: Visitor) -> None:
    url = stopped(guest, "picker")
    assert url.path == "/auth_platform/challengepicker/"
    apc = url.params["apc"]
    told = operation(guest, "SelectChallenge", apc, challenge_name="SOWA")
    assert httpx.URL(str(told["redirect_uri"])).path == "/auth_platform/codeentry/"
    assert operation(guest, "SubmitCode", apc, code=last_code(guest))["redirect_uri"]
    assert httpx.URL(str(operation(guest, "TryAnotherWay", apc)["redirect_uri"])).path == url.path


def test_the_older_address_asks_where_to_send_the_code_and_says_where_to_go(guest: Visitor) -> None:
    path = stopped(guest, "legacy").path
    assert guest.post(path, choice="7").status_code == 400
    assert guest.post(path, choice="1").json()["challengeType"] == "VerifyEmailCodeForm"
    assert guest.post(path, security_code="1").json()["status"] == "fail"
    done = guest.post(path, security_code=last_code(guest)).json()
    assert done == {"location": f"{guest.of.url}/", "type": "CHALLENGE_REDIRECTION", "status": "ok"}
    assert is_in(guest)


def test_an_approval_belongs_to_the_device_that_asked_for_it(guest: Visitor) -> None:
    url = stopped(guest, "approval")
    said = f"/_sandbox/phone/{guest.of.username}/approve"
    with httpx.Client(base_url=guest.of.url, headers=dict(guest.http.headers)) as jar:
        other = Visitor(guest.of)
        other.http = jar
        assert jar.get(str(url)).headers["Location"] == "/accounts/login/"
        assert guest.http.post(said).json() == {"said": "yes"}
        other.open_login_page()
        assert "checkpoint_url" in other.try_password(other.of.password).json(), "another jar starts over"
    assert guest.try_password(guest.of.password).json()["authenticated"] is True


def test_a_phone_that_nobody_asks_has_nothing_to_say(guest: Visitor) -> None:
    for said in ("approve", "deny"):
        assert guest.http.post(f"/_sandbox/phone/{guest.of.username}/{said}").status_code == 409


@pytest.mark.parametrize("variant", [v for v in Variant if v not in (Variant.LEGACY, Variant.APPROVAL)])
def test_a_checkpoint_in_the_middle_of_reading_names_its_address(guest: Visitor, variant: Variant) -> None:
    guest.try_password(guest.of.password)
    guest.control("faults", kind="checkpoint", variant=variant, where="json").raise_for_status()
    answer = guest.http.get(f"/api/v1/users/{guest.of.user_id}/info/")
    assert (answer.status_code, answer.json()["message"]) == (400, "challenge_required")
    assert guest.http.get(answer.json()["challenge"]["url"]).status_code == 200


def test_an_unknown_variant_is_answered_with_those_there_are(guest: Visitor) -> None:
    answer = guest.control("faults", kind="checkpoint", variant="dance")
    assert (answer.status_code, answer.json()["variants"]) == (400, list(Variant))
