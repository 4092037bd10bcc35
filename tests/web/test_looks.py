"""In a real browser: how the data pages look on paper, in forced colours, without scripts and on narrow screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from psycopg.types.json import Jsonb

from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.rig.populated import populate
from tests.web.conftest import MakeApp, SignedInAs

pytestmark = pytest.mark.slow
Open = Callable[..., Page]
_FADES = "element => (getComputedStyle(element).backgroundImage.match(/linear-gradient/g) ?? []).length"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """Alice may see the operator's pages, too."""
    return make_app(operators=frozenset({"alice@example.org"}))


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    made = History(owner, people.alice, make_profile(people.alice, external_id="9", observed_at=NOW, followers=122))
    populate(made)
    for age, followers in ((20, 90), (10, 104), (3, 122)):
        made.counted(days_ago(age), followers)
    return made


@pytest.fixture
def opened(chromium: Browser, address: str, signed_in_as: SignedInAs, people: Personas) -> Iterator[Open]:
    """opened(path, width, **context) -> Alice's page in a context of its own."""
    cookie = signed_in_as(people.alice).get_cookie("rollcall_session")
    assert cookie is not None
    contexts = []

    def make(path: str, width: int = 1280, **given: Any) -> Page:
        context = chromium.new_context(base_url=address, viewport={"width": width, "height": 900}, **given)
        contexts.append(context)
        context.add_cookies([{"name": "rollcall_session", "value": cookie.value, "url": address}])
        page = context.new_page()
        page.goto(path)
        return page

    yield make
    for context in contexts:
        context.close()


def test_a_printed_page_has_no_controls_opens_its_tables_and_is_light(history: History, opened: Open) -> None:
    page = opened(f"/profiles/{history.profile}", color_scheme="dark")
    expect(page.get_by_test_id("growth-table").locator("tr").last).to_be_hidden()
    page.emulate_media(media="print", color_scheme="dark")
    for control in (".site-header", ".tabs", ".period-picker", ".site-footer"):
        expect(page.locator(control)).to_be_hidden()
    assert page.locator("main button:visible").count() == 0
    expect(page.get_by_test_id("growth-table").locator("tr").last).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_a_printed_list_has_no_buttons(history: History, opened: Open) -> None:
    page = opened(f"/profiles/{history.profile}/followers?kind=lost&period=all")
    page.emulate_media(media="print")
    assert page.locator("main button:visible, main .btn:visible, main form:visible, .subtabs:visible").count() == 0
    assert page.get_by_test_id("person").count() == 50


def test_gained_and_lost_differ_in_forced_colours(history: History, opened: Open) -> None:
    page = opened(f"/profiles/{history.profile}", forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    background = "element => getComputedStyle(element).backgroundColor"
    gained, lost = (page.locator(f".key-{name}").evaluate(background) for name in ("gained", "lost"))
    assert gained != lost
    assert "rgba(0, 0, 0, 0)" not in (gained, lost)
    page.locator("[data-chart=spec-changes]").scroll_into_view_if_needed()
    marks = page.locator("[data-chart=spec-changes] svg path[fill]:not([fill=none]):not([fill=transparent])")
    expect(marks.first).to_be_attached()
    fills = "elements => [...new Set(elements.map(element => getComputedStyle(element).fill))]"
    assert len(marks.evaluate_all(fills)) >= 2


@pytest.mark.parametrize(
    ("path", "strip"), [("/profiles/{profile}/followers", ".subtabs"), ("/profiles/{profile}", ".tabs")]
)
def test_a_strip_that_scrolls_fades_at_its_edges(history: History, opened: Open, path: str, strip: str) -> None:
    page = opened(path.format(profile=history.profile), width=390)
    found = page.locator(strip)
    assert found.evaluate("element => element.scrollWidth > element.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert found.evaluate(_FADES) == 4, "two covers that scroll with the content, and two shadows that stay"


@pytest.mark.parametrize("path", ["/admin", "/admin/jobs", "/admin/profiles", "/admin/system"])
def test_the_operators_tables_scroll_inside_the_page_and_show_that(history: History, opened: Open, path: str) -> None:
    page = opened(path, width=390)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    for table in page.locator("main table").all():
        around = table.locator("xpath=ancestor::*[contains(@class, 'table-scroll')]")
        assert around.count() == 1
        assert around.evaluate(_FADES) == 4


def test_without_scripts_the_table_is_open_and_no_chart_takes_room(history: History, opened: Open) -> None:
    page = opened(f"/profiles/{history.profile}", java_script_enabled=False)
    expect(page.get_by_test_id("growth-table").locator("tr").last).to_be_visible()
    for chart in page.locator(".chart").all():
        expect(chart).to_be_hidden()


def test_on_the_narrowest_screen_no_date_touches_a_button(
    history: History, opened: Open, owner: psycopg.Connection[dict[str, Any]]
) -> None:
    for number in range(3):
        owner.execute(
            "insert into exports (user_id, profile_id, what, format, filters, created_at)"
            " values (%s, %s, 'not-following-back', 'xlsx', %s, now() - %s * interval '1 day')",
            (history.user, history.profile, Jsonb({"period": "all"}), number),
        )
    page = opened(f"/profiles/{history.profile}/exports", width=320)
    rows = page.locator(".export-row").all()
    assert rows
    for row in rows:
        when, button = row.locator(".export-when time").bounding_box(), row.locator("button").bounding_box()
        assert when is not None
        assert button is not None
        beside = when["x"] + when["width"] + 4 <= button["x"] or when["y"] + when["height"] <= button["y"]
        assert beside, (when, button)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_person_takes_one_line_where_it_fits(history: History, opened: Open) -> None:
    """Fifty people were 5,100 px; a line with its padding is at most 45."""
    history.owner.execute("update people set username = 'some.' || id")
    page = opened(f"/profiles/{history.profile}/followers?kind=lost&period=all")
    heights = page.get_by_test_id("person").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert len(heights) == 50
    assert sorted(heights)[25] <= 45
    assert page.get_by_test_id("people").evaluate("element => element.offsetHeight") < 2_900


def test_a_wrong_name_brings_the_field_of_deletion_into_sight(history: History, opened: Open) -> None:
    page = opened(f"/profiles/{history.profile}/settings", width=390)
    page.locator("#confirm").fill("someone.else")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.locator("#confirm-error")).to_be_in_viewport()
    expect(page.locator("#confirm")).to_be_focused()


def test_the_export_of_a_list_carries_the_list_and_its_period(history: History, opened: Open) -> None:
    for path, what, period in (("followers?kind=lost&period=90", "lost", "90"), ("content", "media", "28")):
        page = opened(f"/profiles/{history.profile}/{path}")
        page.locator(".list-head").get_by_role("link", name="Export").click()
        expect(page.locator("#what")).to_have_value(what)
        expect(page.locator("#period")).to_have_value(period)
    page = opened(f"/profiles/{history.profile}/followers?period=7")
    page.locator(".tabs").get_by_role("link", name="Exports").click()
    expect(page.locator("#period")).to_have_value("7")


def test_the_first_sync_counts_on_the_open_page_and_then_shows_the_list(
    owner: psycopg.Connection[dict[str, Any]],
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
    opened: Open,
) -> None:
    first = History(owner, people.alice, make_profile(people.alice, state="CONNECTED", observed_at=NOW, followers=400))
    progress = {"step": "followers", "done": 150, "total": 400}
    job = make_job(
        people.alice, first.profile, "SYNC", state="RUNNING", lease_until="2999-01-01", progress=Jsonb(progress)
    )
    page = opened(f"/profiles/{first.profile}/followers")
    expect(page.locator("[data-reading-title]")).to_have_text("Syncing: 150 of 400 followers")
    owner.execute("update sync_jobs set progress = %s where id = %s", (Jsonb({**progress, "done": 300}), job))
    expect(page.locator("[data-reading-title]")).to_have_text("Syncing: 300 of 400 followers", timeout=60_000)
    expect(page.locator("[data-reading-bar]")).to_have_js_property("value", 75)
    first.run(NOW)
    first.stay(first.person("somebody"), NOW, known="before")
    owner.execute("update sync_jobs set progress = %s where id = %s", (Jsonb({"step": "following", "done": 1}), job))
    expect(page.get_by_test_id("person")).to_have_count(1, timeout=60_000)
