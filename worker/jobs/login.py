"""LOGIN: the ways in that run without a window: the form, the cookies of another browser, and the stored password."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from playwright.async_api import BrowserContext

from worker.browser.failures import typed
from worker.jobs import endings, entered, login_again
from worker.jobs.base import JobContext
from worker.jobs.connecting import Rows, Way, connect, load
from worker.jobs.entered import Asking, CookieLogin, FormLogin
from worker.platforms.instagram_web.login import LoginDetails, log_in
from worker.platforms.instagram_web.second_factor import Ask
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Ends with the profile CONNECTED, its session stored and a SYNC enqueued; raises what `connect` raises."""
    ctx.progress("login", 0, None)
    if ctx.job.args == endings.LOGIN_AGAIN:
        await _again(ctx, services)
        return
    given = entered.opened(ctx, services)
    rows = await load(ctx, services)
    if isinstance(given, CookieLogin):
        await connect(ctx, services, rows, by_cookies(given, rows), services.browser)
    else:
        await _by_form(ctx, services, rows, given)


async def _by_form(ctx: JobContext, services: Services, rows: Rows, given: FormLogin) -> None:
    details = replace(given.details, totp_secret=given.details.totp_secret or _stored_totp(rows))
    asking = Asking(ctx, services)
    kept = partial(login_again.kept, given, details, asking)
    way = Way(details.username, rows.device, partial(_fill_form, services, details, asking), kept)
    await connect(ctx, services, rows, way, services.browser)
    if given.log_in_again and kept().login is None:
        await login_again.tell_not_kept(ctx, rows)


def by_cookies(given: CookieLogin, rows: Rows) -> Way:
    """The way in by cookies: the browser is logged in as soon as it has them."""
    return Way(given.username, rows.device.with_cookies(given.cookies, given.user_agent), _in_already)


async def _again(ctx: JobContext, services: Services) -> None:
    rows = await load(ctx, services)
    details = login_again.stored(rows, _stored_totp(rows))
    way = Way(details.username, rows.device, partial(_fill_form, services, details, login_again.nobody))
    async with login_again.told(ctx, rows):
        await connect(ctx, services, rows, way, services.browser)


async def _fill_form(services: Services, details: LoginDetails, ask: Ask, context: BrowserContext) -> None:
    with typed():
        page = await context.new_page()
    await log_in(page, services.settings.instagram_base_url, details, ask)
    with typed():
        await page.close()


async def _in_already(context: BrowserContext) -> None:
    return


def _stored_totp(rows: Rows) -> str | None:
    return rows.opened("totp_secret", rows.connection.totp_secret)
