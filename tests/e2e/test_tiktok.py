"""A TikTok account from its button to its figures: real web, worker, database and browser; TikTok is the stand-in."""

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

from sandbox.demo.clips import connect, hold
from sandbox.demo.once import Outcome
from sandbox.demo.person import Person
from sandbox.demo.truth import ClipWorld
from tests.e2e.conftest import PASSWORD, Whole

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Owned:
    """A person whose TikTok account is connected and synced for the first time."""

    person: Person
    profile: str
    whole: Whole

    @property
    def world(self) -> ClipWorld:
        """The control side of the account."""
        return ClipWorld(self.whole.tiktok.url, "on.tiktok")

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """What the store has; a statement names the profile as %(profile)s."""
        with psycopg.connect(self.whole.owner_url, row_factory=dict_row) as conn:
            return conn.execute(statement.encode(), {"profile": self.profile}).fetchall()

    def differences(self, folder: Path) -> list[str]:
        """Where pages and a file say something else than the truth."""
        outcome = Outcome()
        hold(self.person, self.profile, self.world.truth(), folder, outcome.hold)
        return outcome.differences


@pytest.fixture(scope="module")
def owned(whole: Whole, page: Page) -> Iterator[Owned]:
    assert page.context.browser is not None
    context = page.context.browser.new_context(accept_downloads=True)
    person = Person(context.new_page(), whole.address)
    person.sign_up(f"tilda-{token_hex(4)}@example.org", PASSWORD)
    profile = connect(person)
    yield Owned(person, profile, whole)
    context.close()


def test_the_consent_connects_the_account_and_the_first_sync_comes_by_itself(owned: Owned) -> None:
    (profile,) = owned.rows("select platform, username, state from profiles where id = %(profile)s")
    assert profile == {"platform": "tiktok", "username": "on.tiktok", "state": "CONNECTED"}
    jobs = owned.rows("select kind, state, error_code from sync_jobs where profile_id = %(profile)s")
    ended = {(job["kind"], job["state"], job["error_code"]) for job in jobs}
    assert {("CONNECT", "COMPLETED", None), ("SYNC", "COMPLETED", None)} <= ended
    assert {state for _, state, _ in ended} == {"COMPLETED"}
    tiktok = owned.whole.tiktok.tiktok
    written = owned.whole.log.read_text(encoding="utf-8", errors="replace")
    secret = [tiktok.app.secret, *tiktok.grants.given()]
    assert len(secret) > 2
    assert [one for one in secret if one in written] == []


def test_pages_and_a_file_show_what_is_true(owned: Owned, tmp_path: Path) -> None:
    assert owned.differences(tmp_path) == []


def test_the_pages_say_that_there_are_no_names(owned: Owned) -> None:
    owned.person.open(f"/profiles/{owned.profile}/followers")
    said = owned.person.page.get_by_test_id("no-names").inner_text()
    assert "TikTok" in said
    owned.person.open(f"/profiles/{owned.profile}/settings")
    assert "went wrong" not in owned.person.page.locator("main").inner_text()


def test_after_a_week_the_tokens_are_exchanged_and_what_is_gone_is_gone(owned: Owned) -> None:
    gone = owned.world.truth()["clips"][0]["id"]
    owned.world.fault({"kind": "video_gone", "variant": gone})
    owned.world.advance(days=8)
    before = set(owned.whole.tiktok.tiktok.grants.refreshing)
    owned.person.sync(owned.profile)
    after = owned.whole.tiktok.tiktok.grants.refreshing
    (made,) = set(after) - before
    assert after[made].works(owned.whole.tiktok.tiktok.now)
    assert owned.rows(
        "select platform_id, gone_as from media where profile_id = %(profile)s and gone_at is not null"
    ) == [{"platform_id": gone, "gone_as": "deleted"}]
    assert gone not in {clip["id"] for clip in owned.world.truth()["clips"]}
    owned.world.advance(hours=3)
    owned.person.sync(owned.profile)
    assert len(set(after) - before) == 2
    assert owned.rows("select state from connections where profile_id = %(profile)s") == [{"state": "ACTIVE"}]
