"""Instagram by its official API, from the button to its figures: real web, worker, database and browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page
from psycopg.rows import dict_row

from sandbox.demo.official import connect, hold
from sandbox.demo.once import Outcome
from sandbox.demo.person import Person
from sandbox.demo.truth import OfficialWorld
from tests.e2e.conftest import PASSWORD, Whole

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


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
        return OfficialWorld(self.whole.meta.url, "by.the.api").truth()


@pytest.fixture(scope="module")
def owned(whole: Whole, page: Page) -> Iterator[Owned]:
    assert page.context.browser is not None
    context = page.context.browser.new_context(accept_downloads=True)
    person = Person(context.new_page(), whole.address)
    person.sign_up(f"ines-{token_hex(4)}@example.org", PASSWORD)
    profile = connect(person)
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


def test_pages_and_file_show_every_settled_day_exactly(owned: Owned, tmp_path: Path) -> None:
    outcome = Outcome()
    shown = hold(owned.person, owned.profile, owned.truth(), tmp_path, outcome.hold)
    assert outcome.differences == []
    # The account has been a professional one for 45 days.
    assert 36 <= shown["days"] <= 45


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
