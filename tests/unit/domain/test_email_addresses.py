"""An address that mails cannot be sent to, or that Supabase Auth refuses, is refused with a sentence that helps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.supabase.auth_answers import Refusal
from sandbox.supabase.auth_entry import valid_email
from shared.domain.input.email_addresses import EXAMPLE, address_fault, clean_address
from shared.errors import ConfigError
from shared.settings import load

REFUSED_BY_AUTH = ["ünï@example.org", "a@[127.0.0.1]", "a,b@example.org", "a@exa_mple.org", "a@exämple.org"]
UNUSABLE = [
    "(@example.org",
    "a@[.org",
    ":;@example.org",
    "a\nb@example.org",
    "a\x00@example.org",
    "a@-b.org",
    "a@b..org",
]
TOO_LONG = ["a" * 65 + "@example.org", "a@" + "b" * 64 + ".org", "a@" + ".".join(["b" * 60] * 5) + ".org"]


@pytest.mark.parametrize("address", [*REFUSED_BY_AUTH, *UNUSABLE, *TOO_LONG, "", "alice", "a@b", "a@b@example.org"])
def test_an_address_that_cannot_be_used_is_refused_with_its_reason(address: str) -> None:
    assert clean_address(address) is None
    assert (address_fault(address) or "").startswith(EXAMPLE)


@pytest.mark.parametrize("address", REFUSED_BY_AUTH)
def test_the_stand_in_refuses_what_the_real_auth_refuses(address: str) -> None:
    with pytest.raises(Refusal) as refused:
        valid_email(address)
    assert (refused.value.status, refused.value.code) == (400, "validation_failed")


@pytest.mark.parametrize(
    "address",
    ["alice@example.org", "o'neil+news@mail.example.ie", "me@nas.local", "x@xn--exmple-cua.org"],
)
def test_an_address_that_can_be_used_comes_back_in_lower_case(address: str) -> None:
    assert clean_address(f"  {address.upper()} ") == address
    assert address_fault(address) is None


@given(st.text() | st.from_regex(r"[ -~]{1,70}@[ -~]{1,70}", fullmatch=True) | st.emails())
def test_whatever_is_taken_here_auth_takes_as_well(typed: str) -> None:
    address = clean_address(typed)
    assert address is None or valid_email(address) == address


@pytest.mark.parametrize("name", ["OPERATORS", "MAIL_FROM"])
@pytest.mark.parametrize("address", ["a@[.org", "ünï@example.org", "a@exa_mple.org"])
def test_a_setting_refuses_such_an_address_at_the_start(name: str, address: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load({name: address})
