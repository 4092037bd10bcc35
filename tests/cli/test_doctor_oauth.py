"""`rollcall doctor --oauth` prints each redirect address, refuses one that the provider refuses, and tries the app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from cli.ops.doctor import oauth
from cli.ops.doctor.check import Check
from rollcall import main
from shared.settings import load
from tests.rig.tiny_google import Reply, TinyGoogle, tiny_google

APP = {"GOOGLE_CLIENT_ID": "id", "GOOGLE_CLIENT_SECRET": "secret"}


@pytest.fixture
def google() -> Iterator[TinyGoogle]:
    with tiny_google() as made:
        yield made


def checked(name: str, **environ: str) -> Check:
    return oauth.checks(load(environ))[name]()


def tried(google: TinyGoogle, status: int, body: dict[str, str] | str) -> Check:
    google.fail("token", Reply(status, body))
    return checked("google app", GOOGLE_OAUTH_URL=google.address, PUBLIC_URL="https://r.example.org", **APP)


def test_the_address_is_printed_as_it_has_to_be_entered() -> None:
    check = checked("google address", PUBLIC_URL="https://rollcall.example.org")
    assert check.word == "ok"
    assert check.says == "enter exactly https://rollcall.example.org/api/auth/google/callback"
    assert check.mend == ""


def test_without_a_public_address_it_is_that_of_this_machine() -> None:
    check = checked("google address", PORT="9000")
    assert check.says == "enter exactly http://127.0.0.1:9000/api/auth/google/callback"
    assert "PUBLIC_URL" in check.mend


def test_an_address_without_tls_is_refused_where_the_provider_refuses_it() -> None:
    check = checked("google address", PUBLIC_URL="http://rollcall.example.org")
    assert check.word == "WRONG"
    assert "http://rollcall.example.org/api/auth/google/callback" in check.says


def test_an_app_that_the_provider_takes_is_well_and_nothing_is_connected(google: TinyGoogle) -> None:
    check = tried(google, 400, {"error": "invalid_grant"})
    assert (check.word, check.says) == ("ok", "Google takes GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET")
    (asked,) = google.asked("token")
    assert (asked["client_id"], asked["client_secret"]) == ("id", "secret")
    assert asked["redirect_uri"] == "https://r.example.org/api/auth/google/callback"


@pytest.mark.parametrize("reason", ["invalid_client", "unauthorized_client", "redirect_uri_mismatch"])
def test_an_app_that_is_refused_is_wrong(google: TinyGoogle, reason: str) -> None:
    check = tried(google, 401, {"error": reason})
    assert check.word == "WRONG"
    assert "does not take GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET" in check.says


def test_a_provider_that_is_down_says_nothing_of_the_app(google: TinyGoogle) -> None:
    check = tried(google, 503, "")
    assert check.word == "WRONG"
    assert "could not be asked" in check.says


def test_an_app_that_is_not_set_up_is_no_fault() -> None:
    check = checked("google app", GOOGLE_CLIENT_ID="id")
    assert check.word == "not tried"
    assert "docs/connect/google.md" in check.mend


def test_the_command_prints_them() -> None:
    shown = CliRunner().invoke(main, ["doctor", "--oauth"], env={"PUBLIC_URL": "http://rollcall.example.org"}).output
    assert "google address   Google takes no redirect address without TLS" in shown
    assert "google app" in shown
