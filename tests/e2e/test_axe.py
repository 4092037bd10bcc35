"""axe on every page and state, wide and narrow, light and dark: WCAG 2.0 to 2.2 A and AA, and best practice."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, StorageState, expect

from shared.settings import load
from tests.e2e.conftest import OPERATORS_TOKEN, PASSWORD, Connected, Whole
from tests.rig.official import READ_AT, Figures, fill
from web.auth.session import cookie_name

_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SIGNED_OUT = ["/", "/login", "/signup", "/privacy", "/terms", "/no-such-page"]
SIGNED_IN = [
    "/",
    "/profiles/{profile}",
    "/profiles/{profile}?period=7d",
    "/profiles/{profile}?period=all",
    "/profiles/{profile}/followers",
    "/profiles/{profile}/followers?kind=lost&period=all",
    "/profiles/{profile}/followers?kind=new&period=all",
    "/profiles/{profile}/followers?kind=ghosts",
    "/profiles/{profile}/followers?q=no one-has-this-name",
    "/profiles/{profile}/content?period=all",
    "/profiles/{profile}/engagers",
    "/profiles/{profile}/audience",
    "/profiles/{profile}/exports",
    "/profiles/{profile}/activity",
    "/profiles/{profile}/activity?only=failures",
    "/profiles/{profile}/imports",
    "/profiles/{profile}/settings",
    "/profiles/00000000-0000-0000-0000-000000000000",
    "/connect",
    "/connect/instagram",
    "/connect/cookies",
    "/connect/data-download",
    "/account",
    "/account/connections",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}


OPERATORS = ["/admin", "/admin/jobs", "/admin/profiles", "/admin/system"]


def _context(alice: Connected, state: StorageState | None = None) -> BrowserContext:
    """A context in which axe may run beside the pages' own strict policy."""
    browser = alice.person.page.context.browser
    assert browser is not None
    return browser.new_context(bypass_csp=True, storage_state=state, reduced_motion="reduce")


@pytest.fixture(scope="module")
def signed_out(alice: Connected) -> Iterator[Page]:
    context = _context(alice)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def signed_in(alice: Connected) -> Iterator[Page]:
    """Alice's session in a page of its own, which all tests go on with."""
    context = _context(alice, alice.person.page.context.storage_state())
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def operator(alice: Connected, whole: Whole) -> Iterator[Page]:
    context = _context(alice)
    context.add_cookies([{"name": cookie_name(load({})), "value": OPERATORS_TOKEN, "url": whole.address}])
    yield context.new_page()
    context.close()


@pytest.fixture
def owner(whole: Whole) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(whole.owner_url, autocommit=True) as conn:
        yield conn


@pytest.mark.parametrize("path", SIGNED_OUT)
def test_axe_finds_nothing_for_a_visitor(path: str, signed_out: Page, whole: Whole) -> None:
    assert found_in_all_looks(signed_out, urljoin(whole.address, path)) == []


@pytest.mark.parametrize("path", SIGNED_IN)
def test_axe_finds_nothing_for_a_person(path: str, signed_in: Page, alice: Connected, whole: Whole) -> None:
    assert found_in_all_looks(signed_in, urljoin(whole.address, path.format(profile=alice.profile))) == []


def test_axe_finds_nothing_on_the_page_of_an_ended_job(signed_in: Page, alice: Connected, whole: Whole) -> None:
    signed_in.goto(urljoin(whole.address, f"/profiles/{alice.profile}/activity"))
    job = signed_in.locator("[data-testid=job][data-state=COMPLETED]").first.get_attribute("data-job")
    assert found_in_all_looks(signed_in, urljoin(whole.address, f"/jobs/{job}")) == []


@pytest.mark.parametrize("path", OPERATORS)
def test_axe_finds_nothing_for_an_operator(path: str, operator: Page, whole: Whole) -> None:
    assert found_in_all_looks(operator, urljoin(whole.address, path)) == []


def test_axe_finds_nothing_on_a_job_that_runs(signed_in: Page, alice: Connected, whole: Whole) -> None:
    """Its own page, and the strip that the other pages show meanwhile."""
    whole.world.slow(ms=3000, times=1000)
    try:
        job = alice.person.post(f"/api/v1/profiles/{alice.profile}/jobs", {"kind": "SYNC"})
        signed_in.goto(urljoin(whole.address, f"/jobs/{job['id']}"))
        expect(signed_in.get_by_role("status")).to_contain_text("Syncing", timeout=120_000)
        found = looked_at(signed_in)
        found += found_in_all_looks(signed_in, urljoin(whole.address, f"/profiles/{alice.profile}/exports"))
    finally:
        whole.world.clear_faults()
    alice.person.wait_for_job(job["id"])
    assert found == []


def test_axe_finds_nothing_on_a_job_that_failed(
    signed_in: Page, alice: Connected, whole: Whole, owner: psycopg.Connection[Any]
) -> None:
    (job,) = owner.execute(
        "insert into sync_jobs (user_id, profile_id, kind, state, error_code, started_at, ended_at)"
        " select user_id, id, 'SYNC', 'FAILED', 'site_unreachable', now(), now()"
        " from profiles where id = %s returning id",
        (alice.profile,),
    ).fetchone() or (None,)
    assert found_in_all_looks(signed_in, urljoin(whole.address, f"/jobs/{job}")) == []
    assert found_in_all_looks(signed_in, urljoin(whole.address, f"/profiles/{alice.profile}/activity")) == []


def test_axe_finds_nothing_where_alerts_are_open(
    signed_in: Page, alice: Connected, whole: Whole, owner: psycopg.Connection[Any]
) -> None:
    for kind in ("list_partial", "rate_limited"):
        owner.execute(
            "insert into alerts (user_id, profile_id, kind, subject, params) select user_id, id, %s, 'follower',"
            """ '{"code": "x", "sentence": "Not read to its end.", "reason": "Not read to its end."}'"""
            " from profiles where id = %s",
            (kind, alice.profile),
        )
    for tab in ("", "/followers"):
        address = urljoin(whole.address, f"/profiles/{alice.profile}{tab}")
        assert found_in_all_looks(signed_in, address) == []
        expect(signed_in.get_by_text("Not read to its end.").first).to_be_attached(attached=not tab)


def test_axe_finds_nothing_on_official_figures(
    signed_in: Page, alice: Connected, whole: Whole, owner: psycopg.Connection[Any]
) -> None:
    row = owner.execute(
        "insert into profiles (user_id, username, platform, observed_at)"
        " select user_id, 'ada', 'youtube', %s from profiles where id = %s returning user_id, id",
        (READ_AT, alice.profile),
    ).fetchone()
    assert row is not None
    user, channel = row
    fill(Figures(owner, user, channel))
    try:
        for page in ("insights?period=all", "insights?metric=shares", "audience"):
            assert found_in_all_looks(signed_in, urljoin(whole.address, f"/profiles/{channel}/{page}")) == []
    finally:
        owner.execute("delete from profiles where id = %s", (channel,))


def test_axe_finds_nothing_on_exports_with_a_file(
    signed_in: Page, alice: Connected, whole: Whole, tmp_path: Path
) -> None:
    alice.person.export(alice.profile, "media", "csv", tmp_path)
    assert found_in_all_looks(signed_in, urljoin(whole.address, f"/profiles/{alice.profile}/exports")) == []
    assert signed_in.get_by_role("link", name="Download", exact=True).count()


def test_axe_finds_nothing_while_a_second_step_is_set_up(signed_in: Page, whole: Whole) -> None:
    signed_in.goto(urljoin(whole.address, "/account"))
    form = signed_in.locator("form", has=signed_in.get_by_role("button", name="Set it up"))
    form.get_by_label("Your password", exact=True).fill(PASSWORD)
    form.get_by_role("button", name="Set it up").click()
    signed_in.wait_for_url("**/account/second-step")
    assert looked_at(signed_in) == []


def test_axe_finds_nothing_where_an_account_is_not_deleted(signed_in: Page, whole: Whole) -> None:
    """The deletion of an account, refused for a wrong password."""
    signed_in.goto(urljoin(whole.address, "/account"))
    form = signed_in.locator("form[action='/account/delete']")
    form.get_by_label("Your password", exact=True).fill("not the password")
    form.get_by_role("button").click()
    expect(signed_in.locator("form[action='/account/delete'] [aria-invalid=true]")).to_be_visible()
    assert looked_at(signed_in) == []


def found_in_all_looks(page: Page, address: str) -> list[str]:
    """What axe finds on the page at this address, in all looks."""
    page.goto(address)
    return looked_at(page)


def looked_at(page: Page) -> list[str]:
    """What axe finds on an open page with its details open, at two widths and in two colours.

    Each as rule, element, and why.
    """
    page.wait_for_load_state("load")
    page.evaluate("document.querySelectorAll('main details').forEach(each => (each.open = true))")
    page.add_style_tag(content="*, ::before, ::after { transition: none !important; animation: none !important }")
    page.evaluate(import_module("axe_playwright_python.sync_playwright").Axe().axe_script)
    found: list[str] = []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in _SCHEMES:
            page.emulate_media(color_scheme=scheme)
            violations = page.evaluate("options => axe.run(options)", OPTIONS)["violations"]
            found += [
                f"{width} {scheme} {each['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
                for each in violations
                for node in each["nodes"]
            ]
    return found
