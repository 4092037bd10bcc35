"""In a real browser: a job's page moves by itself, keeps what is typed, and goes on to the next job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from psycopg.types.json import Jsonb

from tests.conftest import Personas

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
MakeJob = Callable[..., UUID]
LATER = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice, state="CONNECTED")


def _set(owner: Owner, job: UUID, state: str, asked: dict[str, Any] | None = None, **progress: Any) -> None:
    live = state in ("RUNNING", "NEEDS_INPUT")
    owner.execute(
        "update public.sync_jobs set state = %s, progress = %s, sealed_input = null, input_request = %s,"
        " lease_until = %s, ended_at = case when %s then null else now() end where id = %s",
        [state, Jsonb(progress), Jsonb(asked) if asked else None, LATER if live else None, live, job],
    )


def test_the_counts_move_and_the_end_brings_the_way_on(
    page: Page, people: Personas, profile: UUID, make_job: MakeJob, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "SYNC", state="RUNNING", lease_until=LATER)
    page.goto(f"/jobs/{job}")
    status = page.get_by_role("status")
    expect(status).to_contain_text("Running")
    _set(owner, job, "RUNNING", step="followers", done=1250, total=5000)
    expect(status).to_contain_text("Syncing followers")
    expect(status).to_contain_text("1,250 of 5,000 followers")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "25")
    _set(owner, job, "COMPLETED")
    expect(status).to_contain_text("Finished")
    expect(page.get_by_role("link", name="Open the profile")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_codes_are_asked_for_and_the_login_leads_to_the_first_reading(
    page: Page, people: Personas, profile: UUID, make_job: MakeJob, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "LOGIN", state="RUNNING", lease_until=LATER)
    page.goto(f"/jobs/{job}")
    asked = {"method": "sms", "sent_to": "+•• ••12", "others": ["backup"], "error": None}
    _set(owner, job, "NEEDS_INPUT", asked)
    code = page.get_by_label("Security code")
    expect(code).to_be_focused()
    expect(page.get_by_text("by text message to +•• ••12")).to_be_visible()
    code.fill("12")
    with page.expect_response(lambda answer: answer.url.endswith(f"/api/v1/jobs/{job}")):
        pass
    expect(code).to_have_value("12")
    code.fill("123456")
    page.get_by_role("button", name="Send code").click()
    expect(page.get_by_text("Instagram is checking it")).to_be_visible()
    _set(owner, job, "RUNNING")
    expect(code).to_have_count(0)
    _set(owner, job, "NEEDS_INPUT", {**asked, "error": "Instagram did not take this code."})
    expect(page.get_by_text("Instagram did not take this code.")).to_be_visible()
    _set(owner, job, "RUNNING")
    reading = make_job(people.alice, profile, "SYNC")
    _set(owner, job, "COMPLETED")
    page.wait_for_url(f"**/jobs/{reading}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Syncing everything")


def test_another_code_counts_down_and_an_approval_goes_on_without_a_click(
    page: Page, people: Personas, profile: UUID, make_job: MakeJob, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "LOGIN", state="RUNNING", lease_until=LATER)
    page.goto(f"/jobs/{job}")
    soon = datetime.now(UTC) + timedelta(seconds=3)
    asked: dict[str, Any] = {
        "method": "sms",
        "sent_to": None,
        "others": [],
        "error": None,
        "resend_at": soon.isoformat(),
    }
    _set(owner, job, "NEEDS_INPUT", asked)
    again = page.get_by_role("button", name="Send another code")
    expect(again).to_be_visible(timeout=240_000)
    expect(again).to_be_enabled(timeout=240_000)
    again.click()
    expect(page.get_by_text("Instagram is checking it")).to_be_visible(timeout=240_000)
    _set(owner, job, "NEEDS_INPUT", {"method": "approval", "sent_to": None, "others": [], "error": None})
    confirmed = page.get_by_role("button", name="I have confirmed it")
    expect(confirmed).to_be_focused(timeout=240_000)
    expect(page.get_by_role("status")).to_contain_text("confirm this login on your phone")
    _set(owner, job, "RUNNING", step="login")
    expect(confirmed).to_have_count(0, timeout=240_000)
    expect(page.get_by_role("status")).to_contain_text("Logging in")


def test_a_login_that_a_page_stops_shows_its_picture_by_itself(
    page: Page, people: Personas, profile: UUID, make_job: MakeJob, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "LOGIN", state="RUNNING", lease_until=LATER)
    page.goto(f"/jobs/{job}")
    owner.execute(
        "insert into public.login_screenshots (job_id, user_id, profile_id, picture, expires_at)"
        " values (%s, %s, %s, %s, %s)",
        [job, people.alice, profile, page.screenshot(type="jpeg", quality=60), LATER],
    )
    owner.execute(
        "update public.sync_jobs set state = 'FAILED', error_code = 'captcha_required' where id = %s",
        [job],
    )
    picture = page.get_by_role("figure").get_by_role("img", name="Instagram's page")
    expect(picture).to_be_visible(timeout=240_000)
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") == 1280
    expect(page.get_by_text("Every field in it is covered")).to_be_visible()


def test_a_session_that_ended_elsewhere_leads_to_signing_in(
    page: Page, people: Personas, profile: UUID, make_job: MakeJob, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "SYNC", state="RUNNING", lease_until=LATER)
    page.goto(f"/jobs/{job}")
    owner.execute("delete from public.web_sessions")
    page.wait_for_url("**/login?next=**")


def test_colours_follow_the_system_until_a_person_chooses(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, color_scheme="dark")
    page = context.new_page()
    page.goto("/login")
    root = page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Switch to light colours").click()
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.reload()
    expect(root).to_have_attribute("data-bs-theme", "light")
    context.close()


def test_without_scripts_the_page_is_dark_too_and_works(chromium: Browser, address: str) -> None:
    context = chromium.new_context(base_url=address, color_scheme="dark", java_script_enabled=False)
    page = context.new_page()
    page.goto("/signup")
    page.get_by_label("E-mail", exact=True).fill("dora@example.org")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Nothing is connected yet")).to_be_visible()
    context.close()


def test_a_code_that_is_typed_stays_where_the_page_was_newer_than_the_answer_before_it(
    page: Page, people: Personas, profile: UUID, make_job: MakeJob, owner: Owner
) -> None:
    job = make_job(people.alice, profile, "LOGIN", state="RUNNING", lease_until=LATER)
    page.goto(f"/jobs/{job}")
    asks: dict[str, Any] = {"method": "sms", "sent_to": "+•• ••12", "others": [], "error": None}

    def slow(route: Route) -> None:
        """The answer says that a step began; the platform asks for a code before the page is taken anew."""
        answer = route.fetch()
        _set(owner, job, "NEEDS_INPUT", asks)
        route.fulfill(response=answer, json=answer.json() | {"phase": "an earlier step"})

    page.route("**/api/v1/jobs/*", slow, times=1)
    page.locator("#code").fill("123456")
    for _ in range(2):
        with page.expect_response("**/api/v1/jobs/*"):
            pass
    expect(page.locator("#code")).to_have_value("123456")


def test_the_first_tab_stop_skips_to_the_content(page: Page) -> None:
    page.goto("/account")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
