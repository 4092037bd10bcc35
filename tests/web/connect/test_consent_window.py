"""A browser on the way to a consent page and back: in a window of its own, with windows blocked, and without script.

A real worker does the job; the provider is the tests' own, over HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from shared.db import pools
from shared.db.declarations import declare
from shared.domain.social import PlatformId
from shared.platforms import PLATFORMS
from tests.conftest import Database, Personas
from tests.rig.fakehub import CLIENT_ID, FAKEHUB, READ, World, consent_page
from tests.web.conftest import RING, SignedInAs
from tests.worker.fleet import until
from tests.worker.instagram import services_for, settings_for
from web.connect import apps
from web.connect.apps import App
from worker import bootstrap
from worker.browser.pool import BrowserPool
from worker.platforms import registry
from worker.platforms.authorization import OfferedAccount
from worker.runner.loop import Worker

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World()
    monkeypatch.setitem(PLATFORMS, FAKEHUB.name, FAKEHUB)
    monkeypatch.setattr(registry, "BUILDERS", [*registry.BUILDERS, made.client_of])
    with psycopg.connect(database.owner) as conn:
        declare(conn)
    with consent_page(made) as url:
        monkeypatch.setitem(apps.APPS, "fakeid", lambda settings: App(CLIENT_ID, url))
        yield made


@pytest.fixture
def working(world: World, database: Database, tmp_path: Path) -> Iterator[None]:
    """A worker works as long as the test lasts."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def work() -> None:
        settings = settings_for("http://127.0.0.1:9", data_dir=tmp_path)
        browser = BrowserPool(settings)
        async with pools.worker_pool(database.worker, 6) as pool, bootstrap.control_pool(database.worker) as control:
            services = services_for(pool, browser, settings, RING)
            await Worker(settings, database.worker, pool, control, bootstrap.handlers(services), 2).run(stop)
        await browser.close()

    thread = Thread(target=loop.run_until_complete, args=(work(),))
    thread.start()
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    loop.close()


def page_of(chromium: Browser, address: str, cookie: str, **options: Any) -> tuple[BrowserContext, Page]:
    context = chromium.new_context(base_url=address, **options)
    context.add_cookies([{"name": "rollcall_session", "value": cookie, "url": address}])
    return context, context.new_page()


@pytest.fixture
def cookie(signed_in_as: SignedInAs, people: Personas) -> str:
    found = signed_in_as(people.alice).get_cookie("rollcall_session")
    assert found is not None
    return found.value


def test_a_window_leads_to_the_consent_and_closes_and_the_page_tells_how_it_ended(
    working: None, page: Page, owner: Owner
) -> None:
    page.goto("/connect")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Connect with Fakeid").click()
    popup = opened.value
    popup.wait_for_url("**/authorize?**")
    with popup.expect_event("close", timeout=120_000):
        popup.get_by_role("link", name="allow").click()
    toast = page.get_by_role("status").filter(has_text="Connected.")
    expect(toast).to_be_visible()
    (profile,) = owner.execute("select * from public.profiles").fetchall()
    assert (profile["username"], profile["state"]) == ("ada", "CONNECTED")
    toast.get_by_role("link", name="Open the profile").click()
    page.wait_for_url(f"**/profiles/{profile['id']}")


def test_a_page_in_another_tab_takes_its_list_anew(working: None, page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    other = page.context.new_page()
    other.goto("/connect")
    with other.expect_popup() as opened:
        other.get_by_role("button", name="Connect with Fakeid").click()
    opened.value.get_by_role("link", name="allow").click()
    expect(page.get_by_role("heading", name="Ada")).to_be_visible()


def test_a_refusal_is_told_by_the_page_that_began_it(world: World, page: Page) -> None:
    page.goto("/connect")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Connect with Fakeid").click()
    opened.value.get_by_role("link", name="deny").click()
    words = "You did not allow it, so nothing was connected."
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()
    expect(opened.value.get_by_role("alert")).to_contain_text(words)
    assert "state=" not in opened.value.url
    with opened.value.expect_event("close"):
        opened.value.get_by_role("button", name="Close this window").click()


def test_a_window_that_is_closed_in_the_middle_changes_nothing_and_the_button_works_again(
    working: None, page: Page
) -> None:
    page.goto("/connect")
    button = page.get_by_role("button", name="Connect with Fakeid")
    with page.expect_popup() as opened:
        button.click()
    opened.value.wait_for_url("**/authorize?**")
    opened.value.close()
    expect(page.get_by_text("If you closed it, press the button again.")).to_be_visible()
    with page.expect_popup() as again:
        button.click()
    again.value.get_by_role("link", name="allow").click()
    expect(page.get_by_role("status").filter(has_text="Connected.")).to_be_visible()


def test_a_window_that_is_closed_after_the_consent_leaves_the_rest_to_the_page(
    working: None, world: World, page: Page, owner: Owner
) -> None:
    world.accounts = [*world.accounts, OfferedAccount(PlatformId("8"), "bea", "Bea")]
    page.goto("/connect")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Connect with Fakeid").click()
    opened.value.get_by_role("link", name="allow").click()
    expect(opened.value.get_by_role("button", name="Connect this account")).to_be_visible()
    opened.value.close()
    page.get_by_role("link", name="Choose it here").click()
    page.get_by_label("Bea").check()
    page.get_by_role("button", name="Connect this account").click()
    page.wait_for_url("**/jobs/**")
    # The question has the name too; the job's end is what stores it.
    expect(page.locator("[data-state=COMPLETED]")).to_be_visible()
    expect(page.get_by_text("@bea")).to_be_visible()
    assert owner.execute("select username from public.profiles").fetchall() == [{"username": "bea"}]


def test_with_windows_blocked_the_whole_page_goes_there(working: None, world: World, page: Page, owner: Owner) -> None:
    world.scopes = frozenset({READ})
    page.add_init_script("window.open = () => null")
    page.goto("/connect")
    page.get_by_role("button", name="Connect with Fakeid").click()
    page.get_by_role("link", name="allow").click()
    page.wait_for_url("**/jobs/**")
    expect(page.get_by_text("@ada")).to_be_visible()
    (job,) = owner.execute("select id from public.sync_jobs where kind = 'CONNECT'").fetchall()
    page.goto(f"/jobs/{job['id']}")
    expect(page.get_by_text("this stays empty: its figures")).to_be_visible()


def test_without_script_the_form_leads_there_and_back(
    working: None, world: World, chromium: Browser, address: str, cookie: str, app: Flask
) -> None:
    context, page = page_of(chromium, address, cookie, java_script_enabled=False)
    page.goto("/connect")
    page.get_by_role("button", name="Connect with Fakeid").click()
    page.get_by_role("link", name="allow").click()
    page.wait_for_url("**/jobs/**")
    expect(page.get_by_role("link", name="Open the profile").first).to_be_visible()
    context.close()


def test_a_profile_is_disconnected_after_a_second_word_and_its_token_ends_there(
    working: None, world: World, page: Page, owner: Owner
) -> None:
    page.goto("/connect")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Connect with Fakeid").click()
    opened.value.get_by_role("link", name="allow").click()
    page.get_by_role("link", name="Open the profile").click()
    (profile,) = owner.execute("select id from public.profiles").fetchall()
    page.goto(f"/profiles/{profile['id']}/settings")
    expect(page.get_by_text("Fakeid's official way, since")).to_be_visible()
    page.get_by_text("Disconnect …", exact=True).click()
    page.get_by_role("button", name="Disconnect now").click()
    expect(page.get_by_text("Fakeid is asked to end the access")).to_be_visible()
    until(lambda: world.dead)
    assert owner.execute("select state, secret from public.connections").fetchall() == [
        {"state": "REVOKED", "secret": None}
    ]
