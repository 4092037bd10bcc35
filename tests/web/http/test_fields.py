"""Every field of a form or an address is clean before any view reads it, and no page repeats what was not."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.input import text
from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.pages import post
from web.http.fields import Fields

WEB = Path(__file__).parents[3] / "web"
MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BAD = f"\x00\x07\x1b\x7f\x85{MARKS}\u2028\ufeff"


@given(st.lists(st.tuples(st.sampled_from(["email", "username", "q", f"n{BAD}"]), st.text(max_size=200))))
def test_no_field_holds_what_turns_or_breaks_a_page(sent: list[tuple[str, str]]) -> None:
    fields = Fields([(name, f"{BAD}{value}{BAD}") for name, value in sent])
    for name, value in fields.items(multi=True):
        assert not set(BAD) & set(name + value)
        assert value == text.as_typed(value, len(value))


def test_passwords_stay_as_they_were_typed_and_cookie_files_keep_their_lines() -> None:
    fields = Fields({"password": "\u202epass\x07 ", "new_password": " two  blanks ", "cookies": "a\tb\u202e\r\nc\td"})
    assert fields["password"] == "\u202epass\x07 "
    assert fields["new_password"] == " two  blanks "
    assert fields["cookies"] == "a\tb\r\nc\td"


def test_every_secret_field_is_a_password_by_its_name() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in WEB.glob("templates/**/*.html"))
    written = r'field\("(\w+)", _\("[^"]*"\), "password"|password_field\("(\w+)"'
    names = {name for pair in re.findall(written, pages) for name in pair if name}
    assert {"password", "new_password"} <= names
    # The secret of an authenticator is letters and digits alone.
    assert {name for name in names if not name.endswith("password")} == {"totp_secret"}


@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_an_address_that_is_shown_again_is_shown_clean(client: FlaskClient, path: str) -> None:
    page = post(client, path, email="ann\u202eelpmaxe\x1b@", password="x").text
    assert "annelpmaxe\ufffd@" in page
    assert not set(MARKS + "\x1b") & set(page)


@pytest.mark.parametrize("path", ["/connect/instagram", "/connect/cookies", "/connect/data-download"])
def test_a_username_that_is_shown_again_is_shown_clean(signed_in_as: SignedInAs, people: Personas, path: str) -> None:
    page = post(signed_in_as(people.alice), path, username="not a\u202e name!\x1b", password="x").text
    assert "not a name!\ufffd" in page
    assert not set(MARKS + "\x1b") & set(page)


def test_a_search_is_shown_clean(signed_in_as: SignedInAs, people: Personas, make_profile: Any) -> None:
    profile: UUID = make_profile(people.alice)
    page = signed_in_as(people.alice).get(f"/profiles/{profile}/content", query_string={"q": "cof\u2066fee"}).text
    assert 'value="coffee"' in page


def test_the_name_of_a_browser_is_kept_clean(
    client: FlaskClient, owner: psycopg.Connection[dict[str, Any]], people: Personas
) -> None:
    agent = "Mozilla\u202e/5.0"
    email, password = "new@example.org", "four words for a test"
    client.environ_base["HTTP_USER_AGENT"] = agent.encode().decode("latin-1")
    assert post(client, "/signup", email=email, password=password).status_code == 302
    kept = [row["user_agent"] for row in owner.execute("select user_agent from web_sessions").fetchall()]
    assert kept
    assert not set(MARKS) & set("".join(kept))
