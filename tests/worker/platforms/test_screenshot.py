"""A picture of a page is the same, whatever the secrets on the page are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import escape

import pytest
from playwright.async_api import BrowserContext, Route

from tests.worker.instagram import settings_for
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.instagram_web.login import screenshot

pytestmark = pytest.mark.slow
SITE = "http://site.test"
ADA = {
    "user": "ada",
    "password": "correct horse battery",
    "email": "ada.lovelace@mail.example",
    "name": "lovelace",
    "host": "mail",
    "masked": "a*******e@m***.example",
    "phone": "+49 (170) 123-4567",
    "code": "918273",
    "other": "ada_bytes",
    "link": "https://site.test/auth_platform/?apc=canary",
}
BO = {
    "user": "Boudicca.Of.Iceni",
    "password": "hunter",
    "email": "b@q.example",
    "name": "b",
    "host": "quarry",
    "masked": "••• 77",
    "phone": "0160 9",
    "code": "12 34 56",
    "other": "b.o",
    "link": "www.site.test/challenge/7/nonce/",
}
# Each place where a page can hold what is the person's.
PLACES = {
    "fields": (
        '<input value="{password}">',
        '<input value="{password}" style="visibility: visible !important; color: red">',
        "<textarea>{email}</textarea>",
        "<select><option>{email}</option></select>",
        '<div contenteditable>{password}</div><div role="textbox">{password}</div>',
    ),
    "words": (
        "<p>Welcome back, {user}!</p>",
        "<p>You entered {password} just now.</p>",
        "<p>We sent a code to {email}.</p>",
        "<button>Email ({masked})</button>",
        "<label>Text message to {phone}</label>",
        "<p>Your code is <b>{code}</b></p>",
        "<p>{other}</p>",
        "<p>Go to {link}</p>",
    ),
    "words that are hard to find": (
        "<p>Your code: <i>{code[0]}</i><i>{code[1]}</i></p>",
        "<p>to <span>{name}</span><span>@</span><span>{host}<wbr>.example</span> now</p>",
        '<p>to <span style="display: contents">{email}</span></p>',
        '<p style="height: 4px; width: 9em">Sent to the address that you know, {email}</p><br><br><br>',
        "<p>{phone} <b>{masked}</b></p>",
        "<p>Not yours?<br>{email}<br>Try again</p>",
    ),
    "what is drawn": (
        '<iframe height=40 srcdoc="{email}"></iframe>',
        "<img alt='{email}' src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='300' height='30'>"
        "<text y='20'>{password}</text></svg>\">",
        '<svg width="300" height="30"><text y="20">{password}</text></svg>',
        "<canvas width=300 height=30></canvas>"
        "<script>document.querySelector('canvas').getContext('2d').fillText(`{password}`, 5, 20)</script>",
        '<div style="height: 30px; background: url(&quot;data:image/svg+xml,<svg'
        " xmlns='http://www.w3.org/2000/svg'><text y='20'>{password}</text></svg>&quot;)\"></div>",
    ),
    "what style and script write": (
        '<div class="told" data-told="{password}">.</div><style>.told::before {{ content: attr(data-told) }}</style>',
        "<div id=host></div><script>document.querySelector('#host').attachShadow({{ mode: 'open' }})"
        ".innerHTML = `<p>To {email}</p><input value='{password}'>`</script>",
        "<p id=written></p><script>setInterval(() => {{"
        " document.querySelector('#written').textContent = `{password}`; }}, 1)</script>",
    ),
}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture
async def context(browser: BrowserPool) -> AsyncIterator[BrowserContext]:
    async with browser.context(BrowserSession()) as opened:
        yield opened


async def shown(context: BrowserContext, body: str, path: str = "/challenge/", site: str = SITE) -> None:
    """Opens a page of a site that shows this."""

    async def answer(route: Route) -> None:
        text = f"<!doctype html><meta charset=utf-8><title>Instagram</title><body><h1>Confirm</h1>{body}</body>"
        await route.fulfill(body=text, content_type="text/html")

    await context.unroute_all()
    await context.route("**/*", answer)
    await (await context.new_page()).goto(site + path)


async def taken(browser: BrowserPool, body: str, secrets: dict[str, str]) -> bytes:
    """The picture of a page with these secrets in it."""
    async with browser.context(BrowserSession()) as context:
        await shown(context, body.format(**{name: escape(value) for name, value in secrets.items()}))
        jpeg = await screenshot.take(context, SITE, (secrets["user"], secrets["password"]))
    assert jpeg is not None
    assert jpeg.startswith(b"\xff\xd8\xff")
    return jpeg


@pytest.mark.parametrize("places", PLACES)
async def test_the_picture_is_the_same_whatever_the_secrets_are(places: str, browser: BrowserPool) -> None:
    body = "\n".join(PLACES[places])
    assert await taken(browser, body, ADA) == await taken(browser, body, BO)


@pytest.mark.parametrize(
    "body",
    [
        "<p>{said} to {email}</p>",
        "<p>{said}<br>{code}<br>{said}</p>",
        "<div>{code}</div><div>{said}</div><div>{code}</div>",
    ],
)
async def test_what_a_page_says_beside_a_secret_stays_to_be_read(body: str, browser: BrowserPool) -> None:
    one, other = [await taken(browser, body, ADA | {"said": said}) for said in ("Selfie", "Wait")]
    assert one != other


@pytest.mark.parametrize("path", ["/challenge/7/x/", "/accounts/login/", "/auth_platform/", "/consent/"])
async def test_a_page_that_stands_in_the_way_is_pictured_with_and_without_a_session(
    path: str, context: BrowserContext
) -> None:
    await context.add_cookies([{"name": "sessionid", "value": "77", "url": SITE}])
    await shown(context, "", path)
    assert await screenshot.take(context, SITE, ()) is not None


@pytest.mark.parametrize("path", ["/", "/ada/", "/direct/inbox/", "/accounts/edit/"])
async def test_a_page_of_the_account_itself_is_not_pictured(path: str, context: BrowserContext) -> None:
    await context.add_cookies([{"name": "sessionid", "value": "77", "url": SITE}])
    await shown(context, "<p>Messages</p>", path)
    assert await screenshot.take(context, SITE, ()) is None


async def test_only_the_sites_own_page_is_pictured(context: BrowserContext) -> None:
    assert await screenshot.take(context, SITE, ()) is None
    await shown(context, "<p>My mail</p>", site="http://mail.test")
    assert await screenshot.take(context, SITE, ()) is None
    await shown(context, "<p>Confirm</p>")
    await shown(context, "<p>My mail</p>", site="http://mail.test")
    assert await screenshot.take(context, SITE, ()) is not None, "a tab of something else lies over it"
    for page in context.pages:
        await page.close()
    assert await screenshot.take(context, SITE, ()) is None
