"""axe on every page and state, wide and narrow, light and dark: WCAG 2.0 to 2.2 A and AA, and best practice."""

from collections.abc import Iterator
from importlib import import_module
from typing import Literal
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Connected, Whole

_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SIGNED_OUT = ["/", "/login", "/signup", "/no-such-page"]
SIGNED_IN = [
    "/",
    "/profiles/{profile}",
    "/profiles/{profile}?period=7d",
    "/profiles/{profile}?period=all",
    "/profiles/{profile}/followers",
    "/profiles/{profile}/followers?kind=lost&period=all",
    "/profiles/{profile}/followers?kind=new&period=all",
    "/profiles/{profile}/followers?kind=ghosts",
    "/profiles/{profile}/followers?q=nobody-has-this-name",
    "/profiles/{profile}/content?period=all",
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
    "/connect/archive",
    "/account",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}


@pytest.fixture
def signed_out(alice: Connected) -> Iterator[Page]:
    browser = alice.person.page.context.browser
    assert browser is not None
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def signed_in(alice: Connected) -> Iterator[Page]:
    """Alice's session in a context in which axe may run beside the pages' own strict policy."""
    browser = alice.person.page.context.browser
    assert browser is not None
    context = browser.new_context(bypass_csp=True, storage_state=alice.person.page.context.storage_state())
    yield context.new_page()
    context.close()


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


def found_in_all_looks(page: Page, address: str) -> list[str]:
    """What axe finds on a page with its details open, at two widths and in two colours: rule, element, and why."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelectorAll('main details').forEach(each => (each.open = true))")
    page.add_style_tag(content="*, ::before, ::after { transition: none !important; animation: none !important }")
    found: list[str] = []
    axe = import_module("axe_playwright_python.sync_playwright").Axe()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in _SCHEMES:
            page.emulate_media(color_scheme=scheme)
            violations = axe.run(page, options=OPTIONS).response["violations"]
            found += [
                f"{width} {scheme} {each['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
                for each in violations
                for node in each["nodes"]
            ]
    return found
