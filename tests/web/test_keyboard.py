"""In a real browser: pages by keyboard and screen reader, enlarged, and for people who want no motion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg.types.json import Jsonb

from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
MakeJob = Callable[..., UUID]
LATER = datetime(2999, 1, 1, tzinfo=UTC)
MOST_STOPS_TO_LOST = 9
LONG = "a_very.long_username_that_never_" * 3
PATHS = (
    "",
    "/followers?period=all",
    "/followers?kind=lost&period=all",
    "/content?period=all",
    "/exports",
    "/activity",
    "/settings",
)

_STICKING_OUT = """[...document.querySelectorAll('*')]
    .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(each => each.outerHTML.slice(0, 90))"""


@pytest.fixture
def told(people: Personas, owner: Owner, make_profile: Callable[..., UUID]) -> History:
    """A profile with an alert, two complete lists, three followers, one lost, and two posts."""
    profile = make_profile(people.alice, username=LONG[:30], state="CONNECTED", observed_at=NOW, followers=3)
    history = History(owner, people.alice, profile)
    history.run(days_ago(20))
    history.run(days_ago(1), gained=1, lost=1)
    for username in ("anna", "berta", LONG[:30]):
        history.stay(history.person(username, full_name=LONG), days_ago(3))
    history.stay(history.person("gone"), days_ago(9), days_ago(2))
    for name in ("a", "b"):
        history.medium(name, days_ago(4))
    owner.execute(
        "insert into alerts (user_id, profile_id, kind, subject, params)"
        """ values (%s, %s, 'list_partial', 'follower', '{"reason": "A part only."}')""",
        [people.alice, profile],
    )
    return history


def stops(page: Page, test_id: str, most: int) -> int:
    """How many times Tab is pressed until this element has the focus, `most` + 1 where it is further away."""
    for pressed in range(1, most + 1):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.dataset.testid") == test_id:
            return pressed
    return most + 1


def test_the_first_link_skips_the_alerts_and_leads_to_the_content(page: Page, told: History) -> None:
    page.goto(f"/profiles/{told.profile}")
    expect(page.locator("#alerts")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    assert page.locator("#content #alerts").count() == 0
    assert page.locator("#content h1").count() == 1


@pytest.mark.parametrize("path", ["/followers?period=all", "/content?period=all"])
def test_the_second_link_leads_to_the_list(page: Page, told: History, path: str) -> None:
    page.goto(f"/profiles/{told.profile}{path}")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the list")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('ol') !== null")


def test_the_lost_are_a_few_stops_behind_the_skip_link(page: Page, told: History) -> None:
    page.goto(f"/profiles/{told.profile}/followers")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert stops(page, "kind-lost", MOST_STOPS_TO_LOST) <= MOST_STOPS_TO_LOST


@pytest.mark.parametrize(("path", "rows"), [("/followers?period=all", "person"), ("/content?period=all", "medium")])
def test_each_row_of_a_list_is_a_heading_below_that_of_the_list(
    page: Page, told: History, path: str, rows: str
) -> None:
    page.goto(f"/profiles/{told.profile}{path}")
    found = page.get_by_test_id(rows)
    assert found.count() > 1
    assert page.locator("#list").evaluate("each => each.tagName") == "H2"
    for row in found.all():
        assert row.get_by_role("heading", level=3).count() == 1


@pytest.mark.parametrize(
    ("path", "filled", "field"),
    [
        ("/connect/instagram", {}, "username"),
        ("/connect/instagram", {"username": "alice.test"}, "password"),
        ("/connect/cookies", {"username": "alice.test"}, "file"),
        ("/connect/data-download", {}, "data_download"),
        ("/account", {"new_password": "short", "old_password": "x"}, "new_password"),
    ],
)
def test_a_form_that_comes_back_has_the_focus_on_its_first_wrong_field(
    page: Page, path: str, filled: dict[str, str], field: str
) -> None:
    # The browser notes the status of the page that comes back, which is no fault here.
    form = page.context.new_page()
    form.goto(path)
    for name, value in filled.items():
        form.locator(f"#{name}").fill(value)
    form.locator(f"form:has(#{field}) button[type=submit]").click()
    expect(form.locator(f"#{field}[aria-invalid=true]")).to_be_focused()


def test_the_title_says_that_a_code_is_wanted_and_that_a_sync_brought_data(
    page: Page, told: History, make_job: MakeJob, owner: Owner
) -> None:
    job = make_job(told.user, told.profile, "LOGIN", state="RUNNING", lease_until=LATER)
    page.goto(f"/profiles/{told.profile}/content")
    plain = page.title()
    owner.execute(
        "update public.sync_jobs set state = 'NEEDS_INPUT', input_request = %s where id = %s",
        [Jsonb({"method": "sms", "sent_to": None, "others": [], "error": None}), job],
    )
    expect(page).to_have_title(f"Code needed · {plain}", timeout=20_000)
    owner.execute("update public.sync_jobs set state = 'RUNNING', input_request = null where id = %s", [job])
    owner.execute(
        "update public.sync_jobs set state = 'COMPLETED', sealed_input = null, lease_until = null, ended_at = now()"
        " where id = %s",
        [job],
    )
    expect(page).to_have_title(f"New data · {plain}", timeout=20_000)
    expect(page.locator("[data-reload]")).to_be_visible()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("width", "font"), [(640, 100), (320, 100), (1280, 200)])
def test_an_enlarged_page_does_not_scroll_sideways(page: Page, told: History, path: str, width: int, font: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/profiles/{told.profile}{path}")
    page.evaluate("size => document.documentElement.style.setProperty('font-size', `${size}%`)", font)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px stick out: {page.evaluate(_STICKING_OUT)}"


def test_nothing_moves_for_a_person_who_wants_no_motion(page: Page, told: History) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/profiles/{told.profile}")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].map(each => getComputedStyle(each))"
        ".filter(style => style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0).length"
    )
    assert moving == 0


def test_dates_are_typed_and_compared_by_keyboard(page: Page, told: History) -> None:
    page.goto(f"/profiles/{told.profile}/followers?kind=lost")
    page.locator(".dates summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("From", exact=True).focus()
    page.keyboard.type("11152026")
    page.get_by_label("To", exact=True).focus()
    page.keyboard.type("11192026")
    page.keyboard.press("Enter")
    expect(page.locator(".page-head p")).to_have_text("15 Nov 2026 to 19 Nov 2026")
    expect(page.locator("h1")).to_have_text("Followers")
    assert "kind=lost" in page.url
    page.get_by_role("link", name="Overview").click()
    expect(page.locator(".page-head p")).to_have_text("15 Nov 2026 to 19 Nov 2026")
    page.locator(".dates summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Compare with").select_option("none")
    page.get_by_role("button", name="Compare").press("Enter")
    expect(page.locator("#compare")).to_have_value("none")
    expect(page.locator(".page-head p")).to_have_text("15 Nov 2026 to 19 Nov 2026")
