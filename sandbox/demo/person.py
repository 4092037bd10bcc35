"""A person at a browser, who finds fields and answers by their names in the page, not by words that may change."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Page, expect, sync_playwright

JsonObject = dict[str, Any]
_JOB = 'data-testid="job"'
_LIVE_JOB = re.compile(
    r'data-testid="job" data-job="([0-9a-f-]+)"[^>]*data-state="(?:PENDING|WAITING|RUNNING|NEEDS_INPUT)"'
)
_NEXT = "a[rel=next]"
_READ_DAYS = """all => all.map(each => [
  each.dataset.day, each.dataset.value, each.querySelector("[data-provisional]") !== null])"""
_READ_MEDIA = """all => all.map(each => [each.dataset.permalink, Object.fromEntries(
  [...each.querySelectorAll("[data-value]")].map(one => [one.dataset.testid, one.dataset.value]))])"""
_ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED"})


class DemoFailed(Exception):
    """A step of the demo did not come out as it must; the text says which."""


class Person:
    """One signed-out visitor of `base`, with a page of their own."""

    def __init__(self, page: Page, base: str, check: Callable[[], None] = lambda: None) -> None:
        """`check` is called between two calls to the browser, and raises what shall end the visit."""
        self.page, self.base, self._check = page, base, check

    def open(self, path: str) -> None:
        """Opens a page in a fresh tab, because the open one may move on by itself, as a job's page does at its end."""
        self._check()
        before = self.page
        self.page = before.context.new_page()
        before.close()
        self.page.goto(urljoin(self.base, path))

    def sign_up(self, email: str, password: str, mailed: Callable[[str], str] | None = None) -> None:
        """Creates an account and is signed in by it; `mailed` gives the link in the mail that the page asks for."""
        self.open("/signup")
        self.page.locator("#email").fill(email)
        self.page.locator("#password").fill(password)
        self._send("/signup")
        if mailed is not None:
            self.page.wait_for_url("**/signup/mail")
            self.page.goto(mailed(email))
            self.page.locator("#new_password").fill(password)
            self._send("/password/new")
            self.page.wait_for_url(lambda url: "/password" not in url)
        self.page.wait_for_url(lambda url: "/signup" not in url)

    def connect(self, username: str, password: str, answer: Callable[[], str] | None) -> str:
        """Connects the account; `answer` gives the security code once the page wants it. Returns the profile's id."""
        self.open("/connect/instagram")
        self.page.locator("#username").fill(username)
        self.page.locator("#password").fill(password)
        self.page.locator("#owned").check()
        self._send("/connect/instagram")
        self.page.wait_for_url(re.compile(r"/jobs/"))
        job = self.page.url.rstrip("/").rsplit("/", 1)[1].partition("?")[0]
        if answer is not None:
            self.page.locator("#code").wait_for(timeout=60_000)
            self.page.locator("#code").fill(answer())
            self._send(f"/jobs/{job}/code")
        done = self.wait_for_job(job)
        profile: str = done["profile_id"]
        return profile

    def connect_by_consent(self, provider: str, consent: Callable[[Page], None]) -> str:
        """Presses a provider's button, and `consent` clicks through the window that opens. Returns the profile's id.

        Raises DemoFailed with the page's own words when the page says that nothing was connected.
        """
        self.open("/connect")
        with self.page.expect_popup() as opened:
            self._send(f"/api/auth/{provider}/connect")
        consent(opened.value)
        said = self.page.locator("[data-toasts] .toast-note:not(.notice-info)")
        said.wait_for(timeout=120_000)
        target = said.locator("a").get_attribute("href") or ""
        if not target.startswith("/profiles/"):
            raise DemoFailed(f"the consent led to no profile: {said.inner_text()}")
        return target.rpartition("/")[2]

    def wait_for_job(
        self, job: str, seconds: float = 900, tell: Callable[[JsonObject], None] | None = None
    ) -> JsonObject:
        """Returns the job once it has completed.

        Raises DemoFailed with the job's own words when it ends otherwise, waits for a moment beyond the deadline, or
        takes longer than `seconds`.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            seen = self.get(f"/api/v1/jobs/{job}")
            if tell:
                tell(seen)
            if seen["state"] == "COMPLETED":
                return seen
            if seen["state"] in _ENDED:
                raise DemoFailed(f"the {seen['kind']} job ended as {seen['state']}: {seen.get('error')}")
            if seen["state"] == "WAITING" and _seconds_until(seen["run_at"]) > deadline - time.monotonic():
                raise DemoFailed(f"the {seen['kind']} job waits until {seen['run_at']}: {seen.get('error')}")
            time.sleep(0.1)
        raise DemoFailed(f"job {job} took longer than {seconds:g} seconds")

    def read_likers(self, profile: str) -> JsonObject:
        """Has the likers of the recent posts synced and returns the finished job."""
        made = self.post(f"/api/v1/profiles/{profile}/jobs", {"kind": "SYNC_LIKERS"})
        return self.wait_for_job(made["id"])

    def sync(self, profile: str, tell: Callable[[JsonObject], None] | None = None) -> JsonObject:
        """Starts a full sync (or joins the one under way) and returns the finished job."""
        made = self.post(f"/api/v1/profiles/{profile}/jobs", {"kind": "SYNC"})
        return self.wait_for_job(made["id"], tell=tell)

    def quiet(self, profile: str, seconds: float = 300) -> None:
        """Returns once the profile has no running or waiting work; raises DemoFailed when that takes longer."""
        deadline = time.monotonic() + seconds
        while live := self._live(profile):
            for job in live:
                try:
                    self.wait_for_job(job, max(deadline - time.monotonic(), 0))
                except DemoFailed:
                    if self.get(f"/api/v1/jobs/{job}")["state"] not in _ENDED:
                        raise

    def _live(self, profile: str) -> list[str]:
        answer = self.page.request.get(urljoin(self.base, f"/profiles/{profile}/activity"))
        if not answer.ok:
            raise DemoFailed(f"the activity answered {answer.status}")
        page = answer.text()
        if _JOB not in page:
            raise DemoFailed("the activity lists no work, so no one can tell whether any is under way")
        return _LIVE_JOB.findall(page)

    def sync_in_vain(self, profile: str) -> JsonObject:
        """Starts a full sync and returns the job, which must fail; raises DemoFailed if it goes through."""
        made = self.post(f"/api/v1/profiles/{profile}/jobs", {"kind": "SYNC"})
        try:
            self.wait_for_job(made["id"])
        except DemoFailed:
            seen = self.get(f"/api/v1/jobs/{made['id']}")
            if seen["state"] != "FAILED":
                raise
            return seen
        raise DemoFailed("a sync went through that could not")

    def notices(self, profile: str) -> dict[str, str]:
        """Returns the notices at the top of the profile's page, by their state or kind of alert."""
        self.open(f"/profiles/{profile}")
        found = self.page.locator("[data-notice], [data-alert]")
        figures = found.evaluate_all(
            "all => all.map(each => "
            "[each.dataset.notice ?? each.dataset.alert, (each.querySelector('p') ?? each).innerText])"
        )
        return {name: " ".join(text.split()) for name, text in figures}

    def _send(self, action: str, within: str = "") -> None:
        """Presses the button of the form that goes to this address."""
        self.page.locator(f'form[action="{action}"]{within} button[type=submit]').click()

    def get(self, path: str) -> JsonObject:
        self._check()
        answer = self.page.request.get(urljoin(self.base, path))
        if not answer.ok:
            raise DemoFailed(f"GET {path} answered {answer.status}")
        body: JsonObject = answer.json()
        return body

    def post(self, path: str, body: JsonObject) -> JsonObject:
        """A POST as a script of the page would make it: with the session's cookie and the page's form token."""
        self._check()
        token = self.page.locator("meta[name=csrf-token]").get_attribute("content") or ""
        answer = self.page.request.post(
            urljoin(self.base, path),
            data=json.dumps(body),
            headers={"Content-Type": "application/json", "X-CSRFToken": token, "Referer": self.base},
        )
        if not answer.ok:
            raise DemoFailed(f"POST {path} answered {answer.status}: {answer.text()[:200]}")
        made: JsonObject = answer.json()
        return made

    def rows(self, profile: str, kind: str) -> set[str]:
        """Every username that the followers page shows under `kind`, over all of its pages, without who is back."""
        found: set[str] = set()
        for page in self._pages(f"/profiles/{profile}/followers?kind={kind}&period=all"):
            names = page.locator("[data-username]:not([data-back])")
            found |= set(names.evaluate_all("rows => rows.map(row => row.dataset.username)"))
        return found

    def media(self, profile: str) -> dict[str, dict[str, str]]:
        """The figures that the content page shows of each post, by its address; an empty text is "n/a"."""
        found: dict[str, dict[str, str]] = {}
        for page in self._pages(f"/profiles/{profile}/content?period=all"):
            found |= dict(page.locator("[data-testid=medium]").evaluate_all(_READ_MEDIA))
        return found

    def days(self, profile: str, metric: str) -> dict[str, tuple[str, bool]]:
        """The insights page's days of a metric with their figures, and whether each may still change."""
        self.open(f"/profiles/{profile}/insights?metric={metric}&period=all")
        found = self.page.locator("[data-testid=series-table] tr[data-day]").evaluate_all(_READ_DAYS)
        return {day: (value, provisional) for day, value, provisional in found if value}

    def figure(self, profile: str, name: str) -> str:
        """A main number of the overview, as the page knows it; an empty text is "n/a"."""
        self.open(f"/profiles/{profile}?period=all")
        return self.page.locator(f"[data-testid=figure-{name}]").get_attribute("data-value") or ""

    def shows(self, path: str, sign: str) -> bool:
        """Whether a page, further pages included, has an element for this selector."""
        return any(page.locator(sign).count() for page in self._pages(path))

    def _pages(self, path: str) -> Iterator[Page]:
        """The open page and those that its link to further ones leads to."""
        self.open(path)
        yield self.page
        while (further := self.page.locator(_NEXT)).count():
            self.page.goto(urljoin(self.page.url, further.first.get_attribute("href") or ""))
            yield self.page

    def export(self, profile: str, what: str, format_name: str, folder: Path) -> Path:
        """Has an export made and downloads it by the page's link."""
        self.open(f"/profiles/{profile}/exports")
        self.page.locator("#what").select_option(what)
        self.page.locator("#format").select_option(format_name)
        self.page.locator("#period").select_option("all")
        with self.page.expect_navigation():
            self._send(f"/profiles/{profile}/exports", within=":has(#what)")
        link = self.page.locator("section[data-testid=export][data-state=ready] a[href]").first
        expect(link).to_be_visible(timeout=120_000)
        with self.page.expect_download() as download:
            link.click()
        target = folder / f"{what}.{format_name}"
        download.value.save_as(target)
        return target


def _seconds_until(moment: str) -> float:
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()


@contextmanager
def browser(path: Path | None, switches: Sequence[str], *, as_root: bool) -> Iterator[Page]:
    """A page of a headless browser that belongs to the person, not to the worker."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, chromium_sandbox=not as_root, args=list(switches))
        try:
            context = chromium.new_context(accept_downloads=True, viewport={"width": 1280, "height": 900})
            context.set_default_timeout(30_000)
            yield context.new_page()
        finally:
            chromium.close()
