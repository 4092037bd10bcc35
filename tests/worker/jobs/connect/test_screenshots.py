"""The picture of a failed login: left where a page stopped it, its fields covered, and never a reason for anything."""

from __future__ import annotations

import asyncio
import os
import signal
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import FloatRect, Page

from sandbox.instagram.faults import Fault, FaultKind, Where
from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.login.checkpoints import Variant
from sandbox.server import Running
from shared.domain.jobs import InputRequest
from tests.conftest import Personas
from tests.worker.browser.test_browser import chromiums
from tests.worker.instagram import Desk, Owner, Pool, services_for, settings_for, stand_in, trouble
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.instagram_web.login import screenshot

pytestmark = pytest.mark.slow
WHOLE = FloatRect(x=0, y=0, width=1280, height=800)
# How far the lightest and the darkest value of a colour lie apart in a part of a JPEG: nothing for a flat one.
_SPREAD = """async ([jpeg, box]) => {
  const image = await createImageBitmap(await (await fetch("data:image/jpeg;base64," + jpeg)).blob());
  const drawn = new OffscreenCanvas(image.width, image.height).getContext("2d");
  drawn.drawImage(image, 0, 0);
  const values = drawn.getImageData(box.x, box.y, box.width, box.height).data;
  const spread = (colour) => {
    const all = values.filter((_, at) => at % 4 === colour);
    return all.reduce((a, b) => Math.max(a, b)) - all.reduce((a, b) => Math.min(a, b));
  };
  return Math.max(spread(0), spread(1), spread(2));
}"""
# What saving as a JPEG does to a flat colour beside an edge.
_FLAT = 8


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:
    running = stand_in(followers=5, following=3, posts=2)
    yield running
    running.stop()


@pytest.fixture
def desk(
    worker_pool: Pool,
    browser: BrowserPool,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    site: Running,
) -> Desk:
    """Alice with a profile of the site's account that is not connected yet."""
    site.site.faults.clear()
    site.site.account.two_factor = TwoFactor.NONE
    profile_id = make_profile(people.alice, site.credentials.username, state="CONNECTING")
    return Desk(services_for(worker_pool, browser, settings_for(site.url)), owner, people.alice, profile_id)


def pictures(desk: Desk) -> list[dict[str, Any]]:
    return desk.owner.execute("select *, expires_at - taken_at as kept from public.login_screenshots").fetchall()


def checkpoint(site: Running, variant: Variant) -> None:
    site.site.faults.add(Fault(FaultKind.CHECKPOINT, Where.LOGIN, 1, 400, 0, variant))


async def spread(page: Page, jpeg: bytes, part: FloatRect) -> int:
    """How much there is to see in a part of the picture, less its edge: 0 for a flat colour, 255 for black on white."""
    box = {"x": part["x"] + 9, "y": part["y"] + 9, "width": part["width"] - 18, "height": part["height"] - 18}
    found: int = await page.evaluate(_SPREAD, [b64encode(jpeg).decode(), box])
    return found


@pytest.mark.parametrize(
    ("variant", "code"),
    [
        (Variant.CAPTCHA, "captcha_required"),
        (Variant.SELFIE, "selfie_required"),
        (Variant.PLAIN, "checkpoint"),
    ],
)
async def test_a_login_that_a_page_stops_leaves_its_picture_for_a_day(
    variant: Variant, code: str, site: Running, desk: Desk, browser: BrowserPool
) -> None:
    checkpoint(site, variant)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", code)
    (kept,) = pictures(desk)
    assert (kept["job_id"], kept["user_id"], kept["profile_id"]) == (job["id"], desk.user_id, desk.profile_id)
    assert kept["kept"] == timedelta(days=1)
    async with browser.context(BrowserSession()) as context:
        assert await spread(await context.new_page(), kept["picture"], WHOLE) > 200, "there is something to see"


async def test_the_fields_in_which_username_and_password_stand_are_one_flat_colour(
    site: Running, desk: Desk, browser: BrowserPool
) -> None:
    desk.enter(site.credentials.username, "not the password")
    assert (await desk.run())["error_code"] == "wrong_password"
    (kept,) = pictures(desk)
    async with browser.context(BrowserSession()) as context:
        page = await context.new_page()
        await page.goto(f"{site.url}/accounts/login/")
        boxes = {name: await page.locator(name).bounding_box() for name in ("h1", "[name=email]", "[name=pass]")}
        found = {name: await spread(page, kept["picture"], box) for name, box in boxes.items() if box}
    assert found["[name=email]"] < _FLAT
    assert found["[name=pass]"] < _FLAT
    assert found["h1"] > 200, "what the page says stays to be read"


async def test_a_stored_password_that_is_refused_leaves_one_too(site: Running, desk: Desk, owner: Owner) -> None:
    desk.enter(site.credentials.username, site.credentials.password, log_in_again=True)
    assert (await desk.run())["state"] == "COMPLETED"
    assert pictures(desk) == []
    checkpoint(site, Variant.PLAIN)
    owner.execute(
        "insert into public.sync_jobs (user_id, profile_id, kind, args) values (%s, %s, 'LOGIN', '{\"again\": true}')",
        (desk.user_id, desk.profile_id),
    )
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", "checkpoint")
    assert [kept["job_id"] for kept in pictures(desk)] == [job["id"]]


async def test_a_login_that_gets_in_at_the_second_attempt_leaves_none(site: Running, desk: Desk, owner: Owner) -> None:
    trouble(site, FaultKind.HTTP_500)
    desk.enter(site.credentials.username, site.credentials.password)
    assert (await desk.run())["state"] == "WAITING"
    assert len(pictures(desk)) == 1
    owner.execute("update public.sync_jobs set run_at = now() where kind = 'LOGIN'")
    assert (await desk.run())["state"] == "COMPLETED"
    assert pictures(desk) == []


async def test_a_site_that_shows_no_page_leaves_none(desk: Desk, site: Running) -> None:
    nowhere = settings_for("http://127.0.0.1:9")
    desk.services = services_for(desk.services.pool, desk.services.browser, nowhere, desk.services.keyring)
    desk.enter(site.credentials.username, site.credentials.password)
    assert (await desk.run())["error_code"] == "site_unreachable"
    assert pictures(desk) == []


@pytest.fixture
async def mortal(desk: Desk) -> AsyncIterator[Callable[[], None]]:
    """Gives the desk a browser of its own, and a way to end it."""
    pool, others = BrowserPool(desk.services.settings), chromiums()
    services = desk.services
    desk.services = services_for(services.pool, pool, services.settings, services.keyring)

    def end() -> None:
        for pid in chromiums() - others:
            os.kill(pid, signal.SIGKILL)

    yield end
    await pool.close()


async def test_a_browser_that_dies_leaves_none_and_the_login_is_tried_again(
    desk: Desk, site: Running, mortal: Callable[[], None]
) -> None:
    site.site.account.two_factor = TwoFactor.SMS

    def dies(_: InputRequest) -> None:
        mortal()

    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run(dies)
    assert (job["state"], job["error_code"]) == ("WAITING", "browser_failed")
    assert pictures(desk) == []


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_browser_that_dies_while_the_picture_is_taken_changes_no_ending(
    hangs: bool, desk: Desk, site: Running, mortal: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(page: Page) -> None:
        mortal()
        if hangs:
            await asyncio.get_running_loop().create_future()
        await page.title()

    monkeypatch.setattr(screenshot, "_hold_still", dies)
    checkpoint(site, Variant.CAPTCHA)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", "captcha_required")
    assert desk.connection()["secret"] is not None, "the device is remembered all the same"
    assert pictures(desk) == []


async def test_a_database_without_room_for_it_changes_no_ending(desk: Desk, site: Running, owner: Owner) -> None:
    owner.execute(
        "create function public.full() returns trigger language plpgsql as"
        " $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$;"
        " create trigger full_disk before insert on public.login_screenshots"
        " for each row execute function public.full()"
    )
    checkpoint(site, Variant.SELFIE)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", "selfie_required")
    assert pictures(desk) == []
