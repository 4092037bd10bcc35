"""Every page in a real browser, wide and narrow, light and dark; and the pictures of the documents."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urljoin, urlsplit

import psycopg
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect
from psycopg import sql

from tests.conftest import REPO
from tests.e2e.conftest import PASSWORD, Connected, Whole
from tests.web.numbers import differences

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PATHS = {
    "home": "/",
    "connect": "/connect",
    "connect-instagram": "/connect/instagram",
    "account": "/account",
    "connections": "/account/connections",
    "overview": "/profiles/{profile}?period=all",
    "followers": "/profiles/{profile}/followers?kind=lost&period=all",
    "followers-all": "/profiles/{profile}/followers",
    "content": "/profiles/{profile}/content?period=all",
    "exports": "/profiles/{profile}/exports",
    "activity": "/profiles/{profile}/activity",
    "settings": "/profiles/{profile}/settings",
    "missing": "/profiles/00000000-0000-0000-0000-000000000000",
}
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOWN_IN_DOCS = {"overview", "followers", "content", "exports"}


@pytest.fixture
def complaints(alice: Connected) -> Iterator[list[str]]:
    """What the browser's console complains about: errors, refused resources, broken policies."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            heard.append(message.text)

    def fail(error: Exception) -> None:
        heard.append(str(error))

    page = alice.person.page
    page.on("console", listen)
    page.on("pageerror", fail)
    yield heard
    page.remove_listener("console", listen)
    page.remove_listener("pageerror", fail)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PATHS)
def test_a_page_fits_and_makes_no_complaint(
    name: str, width: int, alice: Connected, whole: Whole, complaints: list[str]
) -> None:
    page = alice.person.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="light")
    answer = page.goto(urljoin(whole.address, PATHS[name].format(profile=alice.profile)))
    page.wait_for_load_state("networkidle")
    assert answer is not None
    assert answer.status == (404 if name == "missing" else 200)
    assert page.locator("h1").count() == 1
    assert unlabelled(page) == []
    for scheme in _SCHEMES:
        page.emulate_media(color_scheme=scheme)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} px stick out"
        keep_pictures(page, name, width, scheme)
    assert [c for c in complaints if not (name == "missing" and "404" in c)] == []


def keep_pictures(page: Page, name: str, width: int, scheme: str) -> None:
    """Screenshots for whoever asks for them; no test looks at one."""
    if folder := os.environ.get("ROLLCALL_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
    if os.environ.get("ROLLCALL_SCREENSHOTS_DOCS") and name in SHOWN_IN_DOCS and (width, scheme) == (1280, "light"):
        page.screenshot(path=REPO / "docs" / "screenshots" / f"{name}.png")


def unlabelled(page: Page) -> list[str]:
    """Fields, buttons and links that a screen reader could not name."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')]
             .filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')
                            || e.textContent.trim() || e.title))
             .map(e => e.outerHTML.slice(0, 120))"""
    )
    return found


def test_the_chart_is_drawn_under_the_strict_policy(alice: Connected, whole: Whole, complaints: list[str]) -> None:
    page = alice.person.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(urljoin(whole.address, PATHS["overview"].format(profile=alice.profile)))
    page.locator("[data-chart]").first.scroll_into_view_if_needed()
    page.locator("svg.marks").first.wait_for()
    assert re.search(r"\d+ [A-Z][a-z]{2}", page.locator("svg.marks").first.text_content() or ""), "no date on its axis"
    assert complaints == []


def test_the_chart_script_runs_only_once_a_chart_is_in_sight(alice: Connected, whole: Whole) -> None:
    page = alice.person.page
    page.set_viewport_size({"width": 390, "height": 400})
    page.goto(urljoin(whole.address, PATHS["overview"].format(profile=alice.profile)))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.vegaEmbed") is None
    page.locator("[data-chart]").first.scroll_into_view_if_needed()
    page.locator("svg.marks").first.wait_for()


def test_every_number_that_is_a_link_counts_its_rows(alice: Connected, whole: Whole) -> None:
    """The same as tests/web/profile/test_numbers.py, every page and filter, over what a real sync has stored."""
    browser = alice.person.page.context
    root = f"/profiles/{alice.profile}"
    pages = {root, f"{root}/followers"}

    def fetch(address: str) -> str:
        answer = browser.request.get(address)
        assert answer.ok, address
        return answer.text()

    def within(address: str) -> bool:
        to = urlsplit(address)
        return to.path in pages and len(parse_qsl(to.query)) <= 1

    wrong, paths = differences(fetch, urljoin(whole.address, root), within)
    assert wrong == []
    assert pages <= paths


def test_a_reading_under_way_shows_its_counts_by_itself(alice: Connected, whole: Whole) -> None:
    """The page is opened once; what it shows comes without another visit."""
    person = alice.person
    person.open(f"/profiles/{alice.profile}/settings")
    whole.world.slow(ms=500, times=200)
    job = person.post(f"/api/v1/profiles/{alice.profile}/jobs", {"kind": "SYNC"})
    person.open(f"/jobs/{job['id']}")
    page = person.page
    page.set_viewport_size({"width": 1280, "height": 700})
    page.emulate_media(color_scheme="light")
    counts = page.locator("[data-part=counts]")
    expect(counts).to_contain_text(re.compile(r"[\d,]+ of [\d,]+ (followers|posts and reels|people)"), timeout=240_000)
    first = counts.inner_text()
    expect(counts).not_to_have_text(first, timeout=240_000)
    expect(page.get_by_role("status")).to_contain_text("Syncing")
    if os.environ.get("ROLLCALL_SCREENSHOTS_DOCS"):
        page.screenshot(path=REPO / "docs" / "screenshots" / "job.png")
    whole.world.clear_faults()
    expect(page.get_by_role("status")).to_contain_text("Finished", timeout=240_000)


def test_a_stranger_sees_nothing_of_it(alice: Connected, whole: Whole) -> None:
    browser = alice.person.page.context.browser
    assert browser is not None
    context = browser.new_context()
    try:
        for path in ("/profiles/{profile}", "/profiles/{profile}/followers", "/profiles/{profile}/exports"):
            page = context.new_page()
            page.goto(urljoin(whole.address, path.format(profile=alice.profile)))
            assert "/login" in page.url
            page.close()
        answer = context.request.get(urljoin(whole.address, f"/api/v1/profiles/{alice.profile}"))
        assert answer.status == 401
    finally:
        context.close()


def test_no_secret_is_in_a_log_or_a_row(alice: Connected, whole: Whole) -> None:
    """Passwords, the code, both sessions' cookies: in the open nowhere, not even in the sandbox's own words."""
    login = whole.sandbox.credentials
    cookies = {c["name"]: c["value"] for c in alice.person.page.context.cookies()}
    ours = [value for name, value in cookies.items() if "session" in name.lower()]
    assert ours, "the pages' own session cookie was not found"
    theirs = [token.rsplit(":", 1)[1] for token in whole.sandbox.site.sessions.tokens()]
    assert theirs, "the stand-in's session was not found"
    canaries = [PASSWORD, login.password, alice.code, *ours, *theirs, *login.backup_codes]
    log = whole.log.read_text(encoding="utf-8", errors="replace")
    assert "job_claimed" in log
    rows = dump(whole.owner_url)
    assert login.username in rows
    for place, text in {"log": log, "rows": rows}.items():
        found = [c for c in canaries if re.search(rf"(?<![0-9A-Za-z]){re.escape(c)}(?![0-9A-Za-z])", text)]
        assert found == [], f"{len(found)} secrets stand in the {place}"


def dump(url: str) -> str:
    """Every row of every table of ours as text; bytes as what they hold."""
    lines: list[str] = []
    with psycopg.connect(url) as conn:
        tables = conn.execute(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind = 'r' and n.nspname in ('public', 'rollcall', 'auth')"
        ).fetchall()
        for schema, table in tables:
            for row in conn.execute(sql.SQL("select * from {}").format(sql.Identifier(schema, table))):
                lines += [v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in row]
    return "\n".join(lines)
