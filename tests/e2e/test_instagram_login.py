"""Instagram by its official API, from the button to its figures: real web, worker, database and browser."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page
from psycopg.rows import dict_row

from sandbox.demo.person import Person
from tests.e2e.conftest import PASSWORD, Whole

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# Instagram's metric of a day, and the name of its truth.
DAILY = {
    "reach": "reach",
    "views": "views",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "follows": "followed",
    "unfollows": "unfollowed",
    "profile_views": "profile_views",
}


@dataclass(frozen=True)
class Owned:
    """A person whose professional account is connected by its official API and synced for the first time."""

    person: Person
    profile: str
    whole: Whole

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """What the store has; a statement names the profile as %(profile)s."""
        with psycopg.connect(self.whole.owner_url, row_factory=dict_row) as conn:
            return conn.execute(statement.encode(), {"profile": self.profile}).fetchall()

    def truth(self) -> dict[str, Any]:
        """The truth of the account."""
        address = f"{self.whole.meta.url}/_sandbox/truth/by.the.api"
        with urllib.request.urlopen(address, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def allow(window: Page) -> None:
    """Logs in, leaves every scope ticked, and allows."""
    window.locator("button[name=account]").first.click()
    window.locator("button[name=answer][value=allow]").click()


@pytest.fixture(scope="module")
def owned(whole: Whole, page: Page) -> Iterator[Owned]:
    assert page.context.browser is not None
    context = page.context.browser.new_context(accept_downloads=True)
    person = Person(context.new_page(), whole.address)
    person.sign_up(f"ines-{token_hex(4)}@example.org", PASSWORD)
    profile = person.connect_by_consent("instagram", allow)
    person.quiet(profile)
    yield Owned(person, profile, whole)
    context.close()


def test_the_consent_connects_the_account_and_the_first_sync_comes_by_itself(owned: Owned) -> None:
    (profile,) = owned.rows("select platform, username, state from profiles where id = %(profile)s")
    assert profile == {"platform": "instagram", "username": "by.the.api", "state": "CONNECTED"}
    jobs = owned.rows("select kind, state, error_code from sync_jobs where profile_id = %(profile)s")
    ended = {(job["kind"], job["state"], job["error_code"]) for job in jobs}
    assert {("CONNECT", "COMPLETED", None), ("SYNC", "COMPLETED", None)} <= ended
    assert {state for _, state, _ in ended} == {"COMPLETED"}
    written = owned.whole.log.read_text(encoding="utf-8", errors="replace")
    assert owned.whole.meta.meta.app.instagram_secret not in written
    assert "access_token=" not in written


def test_posts_and_counters_are_the_true_ones(owned: Owned) -> None:
    truth = owned.truth()
    assert owned.person.figure(owned.profile, "followers") == str(truth["followers"])
    codes = {row["code"] for row in owned.rows(
        "select code from media where profile_id = %(profile)s and kind <> 'story'"
    )}  # fmt: skip
    assert codes == {post["code"] for post in truth["media"]}


def test_the_store_has_every_settled_day_exactly(owned: Owned) -> None:
    truth = owned.truth()
    rows = owned.rows("select metric, day, value from insight_days where profile_id = %(profile)s")
    stored = {(row["metric"], row["day"]): row["value"] for row in rows}
    settled = date.fromisoformat(truth["settled_until"])
    professional = min(day for _, day in stored)
    wrong = {}
    for text, figures in truth["days"].items():
        day = date.fromisoformat(text)
        if day > settled or day < professional:
            continue
        for metric, name in DAILY.items():
            if stored.get((metric, day)) != Decimal(str(figures[name])):
                wrong[metric, day] = (stored.get((metric, day)), figures[name])
    assert wrong == {}
    assert {row["metric"] for row in rows} >= set(DAILY)


def test_the_audience_is_the_true_one(owned: Owned) -> None:
    truth = owned.truth()["audience"]
    shares = owned.rows("select breakdown, keys, metric, value from audience_shares where profile_id = %(profile)s")
    said = {tuple(row["keys"]): int(row["value"]) for row in shares if row["breakdown"] == "country"
            and row["metric"] == "audience_followers"}  # fmt: skip
    assert said
    assert said.items() <= {(country,): count for country, count in truth["country"]}.items()


def test_insights_and_audience_open_with_what_was_read(owned: Owned) -> None:
    for page in ("insights?metric=reach", "audience", "settings", "content?period=all"):
        owned.person.open(f"/profiles/{owned.profile}/{page}")
        text = owned.person.page.locator("main").inner_text()
        assert "went wrong" not in text
    owned.person.open(f"/profiles/{owned.profile}/followers")
    said = owned.person.page.get_by_test_id("list-missing").inner_text()
    assert "gives figures of followers, and no names" in said
