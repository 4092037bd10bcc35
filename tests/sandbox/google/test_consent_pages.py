"""A real browser goes through the consent pages as a person would, in the popup of the app."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sandbox.google.oauth.clients import ANALYTICS, YOUTUBE
from sandbox.world.channel.channel import ChannelConfig
from tests.rig.landing import landed, watch
from tests.sandbox.google.app import CALLBACK, App
from tests.sandbox.google.conftest import SMALL, Visit
from worker.browser import switches
from worker.browser.driver import playwrights_own
from worker.browser.find import find, is_root

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for this module."""
    path = find(None, playwrights_own())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=not is_root(), args=list(switches.LOCAL)
        )
        yield browser
        browser.close()


@pytest.fixture
def popup(chromium: Browser) -> Iterator[Page]:
    """A window of the size that the app opens."""
    context = chromium.new_context(viewport={"width": 600, "height": 700})
    page = context.new_page()
    page.set_default_timeout(120_000)
    watch(page, CALLBACK)
    yield page
    context.close()


def came_back(page: Page) -> httpx.QueryParams:
    """What the app is told at its callback."""
    return httpx.URL(landed(page)).params


def test_a_person_chooses_account_and_channel_ticks_the_scopes_and_continues(popup: Page, visit: Visit) -> None:
    app = visit(SMALL, ChannelConfig(number=2, videos=2, age_days=30))
    second = app.google.channels()[1]
    popup.goto(app.url())
    popup.get_by_role("button", name=app.google.accounts[0].email).click()
    popup.get_by_role("button", name=second.handle).click()
    boxes = popup.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        expect(box).not_to_be_checked()
        box.check()
    popup.get_by_role("button", name="Continue").click()
    answer = came_back(popup)
    assert set(answer["scope"].split()) == {YOUTUBE, ANALYTICS}
    app.tokens = app.exchange(answer["code"]).json()
    assert app.channel().json()["items"][0]["id"] == second.id


def test_a_person_leaves_a_scope_unticked(popup: Page, app: App) -> None:
    popup.goto(app.url())
    popup.get_by_role("button", name=app.google.accounts[0].email).click()
    popup.get_by_label("View your YouTube account").check()
    popup.get_by_role("button", name="Continue").click()
    assert came_back(popup)["scope"] == YOUTUBE


def test_a_person_cancels(popup: Page, app: App) -> None:
    popup.goto(app.url())
    popup.get_by_role("button", name=app.google.accounts[0].email).click()
    popup.get_by_role("button", name="Cancel").click()
    assert came_back(popup)["error"] == "access_denied"


def test_a_tester_continues_past_the_warning(popup: Page, app: App) -> None:
    app.control("clients", testing=True, testers=[app.google.accounts[0].email])
    popup.goto(app.url(scope=YOUTUBE))
    popup.get_by_role("button", name=app.google.accounts[0].email).click()
    popup.get_by_role("button", name="Continue").click()
    expect(popup.get_by_role("heading", name="wants access")).to_be_visible()
    popup.get_by_role("button", name="Continue").click()
    assert "code" in came_back(popup)


def test_a_wrong_redirect_uri_is_explained_on_the_page(popup: Page, app: App) -> None:
    popup.goto(app.url(redirect_uri=f"{CALLBACK}/"))
    expect(popup.get_by_text("Error 400: redirect_uri_mismatch")).to_be_visible()
