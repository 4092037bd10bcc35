"""The pages about privacy and terms: what is true of this installation, or the operator's own pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from shared.platforms import PLATFORMS
from tests.rig.fakehub import FAKEHUB
from tests.web.conftest import MakeApp


@pytest.mark.parametrize("path", ["/privacy", "/terms"])
def test_everyone_may_read_them_and_every_page_leads_there(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert f'href="{path}"' in client.get("/").text


def test_what_is_kept_is_said_with_the_lengths_that_are_set(make_app: MakeApp) -> None:
    page = make_app(keep_jobs=7).test_client().get("/privacy").text
    assert "Records of jobs stay for 7 days." in page
    assert "a hash of your password" in page
    assert "Faults of the program are reported" not in page
    told = make_app(sentry_dsn="https://key@sentry.example.org/1").test_client().get("/privacy").text
    assert "Faults of the program are reported" in told


def test_records_that_are_kept_for_ever_are_not_said_to_end(make_app: MakeApp) -> None:
    assert "Records of jobs stay" not in make_app(keep_jobs=0).test_client().get("/privacy").text


def test_each_provider_is_named_with_what_it_shows_and_where_its_access_ends(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PLATFORMS, FAKEHUB.name, FAKEHUB)
    page = " ".join(client.get("/privacy").text.split())
    assert "<strong>Fakeid:</strong>" in page
    assert "the account; its figures." in page
    assert 'href="https://fakeid.example/permissions"' in page
    assert "Fakehub" in client.get("/terms").text


@pytest.mark.parametrize("name", ["privacy", "terms"])
def test_the_operators_own_pages_take_their_place(make_app: MakeApp, name: str) -> None:
    browser = make_app(**{f"{name}_url": f"https://example.org/{name}"}).test_client()
    answer = browser.get(f"/{name}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"https://example.org/{name}")
