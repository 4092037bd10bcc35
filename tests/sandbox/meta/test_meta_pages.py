"""A real browser goes through the consent pages of both logins as a person would, in the popup of the app."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sandbox.meta.apps import BASIC, PAGE_INSIGHTS
from tests.rig.landing import landed, watch
from tests.sandbox.meta.app import CALLBACK, App
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


def came_back(page: Page) -> httpx.URL:
    """The address at which the app is called back."""
    return httpx.URL(landed(page))


def test_a_person_logs_in_to_instagram_leaves_a_scope_out_and_allows(popup: Page, app: App) -> None:
    popup.goto(app.url())
    popup.get_by_role("button", name=app.account.username).click()
    popup.get_by_label("View the insights of your account").uncheck()
    popup.get_by_role("button", name="Allow").click()
    back = came_back(popup)
    assert back.fragment == "_"
    assert app.exchange(back.params["code"]).json()["permissions"] == [BASIC]


def test_a_person_cancels(popup: Page, app: App) -> None:
    popup.goto(app.url())
    popup.get_by_role("button", name=app.account.username).click()
    popup.get_by_role("button", name="Cancel").click()
    assert came_back(popup).params["error"] == "access_denied"


def test_a_person_chooses_a_page_on_facebook(popup: Page, app: App) -> None:
    popup.goto(app.dialog())
    popup.get_by_role("button", name=app.meta.people[0].name).click()
    expect(popup.get_by_text(f"Instagram: {app.account.username}")).to_be_visible()
    popup.get_by_role("button", name="Next").click()
    popup.get_by_role("button", name="Allow").click()
    app.token = app.facebook_token(code=came_back(popup).params["code"]).json()["access_token"]
    granted = [row["permission"] for row in app.ask("me/permissions").json()["data"]]
    assert PAGE_INSIGHTS in granted


def test_a_wrong_redirect_uri_is_explained_on_the_page(popup: Page, app: App) -> None:
    popup.goto(app.url(redirect_uri=f"{CALLBACK}/"))
    expect(popup.get_by_text("Invalid redirect_uri")).to_be_visible()
