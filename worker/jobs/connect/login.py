"""LOGIN: the ways in that run without a window: the form, the cookies of another browser, and the stored password."""

from __future__ import annotations

from asyncio import Future
from dataclasses import replace
from functools import partial

from playwright.async_api import BrowserContext

from shared.domain.jobs import CodeMethod, InputRequest
from shared.errors import LoginRejected, NeedsLogin, UserAgentMismatch
from worker.browser.failures import typed
from worker.jobs.base import JobContext
from worker.jobs.connect import credentials, session_errors, stored_password
from worker.jobs.connect.credentials import Asking, CookieLogin, FormLogin
from worker.jobs.connect.flow import Rows, Way, connect, keep_device, load
from worker.platforms.instagram_web.login.flow import log_in
from worker.platforms.login import Ask, CodeReply, LoginDetails
from worker.services import Services

_TIED = "Instagram ties a session to the browser that made it, and Rollcall does not pretend to be another browser."
_OTHER_BROWSER = f"Instagram refuses these cookies because another browser made their session. {_TIED}"
# Instagram's pages send either to the login without saying which it is; only its data calls name the browser.
_NOT_TAKEN = f"Instagram refuses these cookies: another browser made their session, or it is over. {_TIED}"
_OWN_LOGIN = (
    "Connect by the login form instead, or in a window: `rollcall connect instagram --headed`,"
    " with BROWSER_HEADLESS=false."
)


async def run(ctx: JobContext, services: Services) -> None:
    """Ends with the profile CONNECTED, its session stored and a SYNC enqueued; raises what `connect` raises."""
    ctx.progress("login", 0, None)
    if ctx.job.args == session_errors.LOGIN_AGAIN:
        await _again(ctx, services)
        return
    given = credentials.opened(ctx, services)
    rows = await load(ctx, services)
    if isinstance(given, CookieLogin):
        await by_cookies(ctx, services, rows, given)
    else:
        await _by_form(ctx, services, rows, given)


async def _by_form(ctx: JobContext, services: Services, rows: Rows, given: FormLogin) -> None:
    details = replace(given.details, totp_secret=given.details.totp_secret or _stored_totp(rows))
    asking = Asking(ctx, services)
    kept = partial(stored_password.kept, given, details, asking)

    async def enter(context: BrowserContext) -> None:
        async def ask(request: InputRequest, moved: Future[None] | None = None) -> CodeReply:
            # An approval is good for the device that asked for it, whatever becomes of this worker meanwhile.
            if request.method is CodeMethod.APPROVAL:
                await keep_device(ctx, rows, rows.device, context)
            return await asking(request, moved)

        await _fill_form(services, details, ask, context)

    way = Way(details.username, rows.device, enter, kept, secrets=details.secrets)
    await connect(ctx, services, rows, way, services.browser)
    if given.log_in_again and kept().login is None:
        await stored_password.tell_not_kept(ctx, rows)


async def by_cookies(ctx: JobContext, services: Services, rows: Rows, given: CookieLogin) -> None:
    """The browser is logged in as soon as it has the cookies; raises LoginRejected when they are not taken.

    The device of cookies that failed is another browser's, and not remembered.
    """
    start = rows.device.with_cookies(given.cookies)
    way = Way(given.username, start, _in_already, keeps_device=False)
    try:
        await connect(ctx, services, rows, way, services.browser)
    except UserAgentMismatch:
        raise LoginRejected(_OTHER_BROWSER, next_step=_OWN_LOGIN) from None
    except NeedsLogin:
        raise LoginRejected(_NOT_TAKEN, next_step=_OWN_LOGIN) from None


async def _again(ctx: JobContext, services: Services) -> None:
    rows = await load(ctx, services)
    details = stored_password.stored(rows, _stored_totp(rows))
    enter = partial(_fill_form, services, details, stored_password.nobody)
    way = Way(details.username, rows.device, enter, secrets=details.secrets)
    async with stored_password.told(ctx, rows):
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
