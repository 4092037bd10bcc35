"""A YouTube channel is connected at Google's stand-in: button, consent, token, first sync, and the way back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from sandbox.google.server import Running, start
from shared.db import pools
from shared.settings import load
from tests.conftest import Database
from tests.web.conftest import RING, MakeApp
from tests.worker.fleet import until
from tests.worker.instagram import services_for, settings_for
from worker import bootstrap
from worker.browser.pool import BrowserPool
from worker.runner.loop import Worker

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def google() -> Iterator[Running]:
    running = start()
    yield running
    running.stop()


@pytest.fixture
def app(make_app: MakeApp, google: Running) -> Flask:
    given = load(google.environment())
    return make_app(google_client_id=given.google_client_id, google_accounts_url=given.google_accounts_url)


@pytest.fixture
def working(google: Running, database: Database, tmp_path: Path) -> Iterator[None]:
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    given = load(google.environment())

    async def work() -> None:
        names = ("client_id", "client_secret", "oauth_url")
        own = {f"google_{name}": getattr(given, f"google_{name}") for name in names}
        own |= {name: getattr(given, name) for name in ("youtube_api_url", "youtube_analytics_url")}
        settings = settings_for("http://127.0.0.1:9", data_dir=tmp_path, **own)
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


def consent(page: Page, google: Running, *, scopes: int = 2, answer: str = "Continue") -> Page:
    """Goes through the pages of Google in the window that opens."""
    google.google.client.allow(page.url.partition("/connect")[0] + "/api/auth/google/callback")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Connect with Google").click()
    popup = opened.value
    popup.locator("button[name=account]").first.click()
    popup.locator("button[name=channel], button[name=answer]").first.wait_for()
    if popup.locator("button[name=channel]").count():
        popup.locator("button[name=channel]").first.click()
        popup.locator("button[name=answer]").first.wait_for()
    for box in popup.get_by_role("checkbox").all()[:scopes]:
        box.check()
    popup.get_by_role("button", name=answer).click()
    return popup


def ended(owner: Owner, kind: str) -> bool:
    """Whether a job of this kind has ended."""
    row = owner.execute("select from sync_jobs where kind = %s and ended_at is not null", [kind]).fetchone()
    return row is not None


def test_a_channel_is_connected_synced_and_disconnected(
    working: None, google: Running, page: Page, owner: Owner
) -> None:
    page.goto("/connect")
    consent(page, google)
    expect(page.get_by_role("link", name="Open the profile")).to_be_visible()
    channel = google.google.accounts[0].channels[0]
    (profile,) = owner.execute("select * from public.profiles").fetchall()
    assert (profile["platform"], profile["external_id"], profile["state"]) == ("youtube", channel.id, "CONNECTED")
    until(lambda: ended(owner, "SYNC"))
    jobs = owner.execute("select kind, state, error_code from sync_jobs order by seq").fetchall()
    assert {(job["kind"], job["state"], job["error_code"]) for job in jobs} >= {("SYNC", "COMPLETED", None)}, jobs
    page.goto(f"/profiles/{profile['id']}/settings")
    page.get_by_text("Disconnect …", exact=True).click()
    page.get_by_role("button", name="Disconnect now").click()
    until(lambda: ended(owner, "REVOKE"))
    assert owner.execute("select state, error_code from sync_jobs where kind = 'REVOKE'").fetchall() == [
        {"state": "COMPLETED", "error_code": None}
    ]


def test_what_is_denied_at_google_is_told_here(google: Running, page: Page) -> None:
    page.goto("/connect")
    consent(page, google, answer="Cancel")
    expect(page.get_by_text("You did not allow it, so nothing was connected.")).to_be_visible()


def test_the_first_scope_alone_connects_and_says_what_stays_empty(
    working: None, google: Running, page: Page, owner: Owner
) -> None:
    page.goto("/connect")
    consent(page, google, scopes=1)
    expect(page.get_by_role("link", name="Open the profile")).to_be_visible()
    assert owner.execute("select scopes from connections").fetchall()[0]["scopes"] == [
        "https://www.googleapis.com/auth/youtube.readonly"
    ]


def test_without_any_scope_nothing_is_connected(working: None, google: Running, page: Page, owner: Owner) -> None:
    page.goto("/connect")
    consent(page, google, scopes=0)
    expect(page.get_by_text("You did not allow it, so nothing was connected.")).to_be_visible()
    assert owner.execute("select from public.profiles").rowcount == 0
