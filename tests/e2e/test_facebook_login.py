"""Instagram through Facebook's login, from the button to its figures: real web, worker, database and browser."""

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

from sandbox.demo.official import connect_by_page, hold
from sandbox.demo.once import Outcome
from sandbox.demo.person import Person
from sandbox.demo.truth import OfficialWorld
from tests.e2e.conftest import PASSWORD, Whole
from tests.e2e.test_youtube_trouble import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ACCOUNT = "by.the.page"


@dataclass(frozen=True)
class Owned:
    """A person with two pages, one of whose accounts is connected by Facebook's login and synced."""

    person: Person
    profile: str
    whole: Whole

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """What the store has; a statement names the profile as %(profile)s."""
        with psycopg.connect(self.whole.owner_url, row_factory=dict_row) as conn:
            return conn.execute(statement.encode(), {"profile": self.profile}).fetchall()

    def truth(self) -> dict[str, Any]:
        """The truth of the account."""
        return OfficialWorld(self.whole.meta.url, ACCOUNT).truth()


@pytest.fixture(scope="module")
def owned(whole: Whole, page: Page) -> Iterator[Owned]:
    assert page.context.browser is not None
    context = page.context.browser.new_context(accept_downloads=True)
    person = Person(context.new_page(), whole.address)
    person.sign_up(f"petra-{token_hex(4)}@example.org", PASSWORD)
    profile = connect_by_page(person, ACCOUNT)
    yield Owned(person, profile, whole)
    context.close()


def test_the_chosen_account_of_several_is_connected_and_the_first_sync_comes_by_itself(owned: Owned) -> None:
    (profile,) = owned.rows("select platform, username, state from profiles where id = %(profile)s")
    assert profile == {"platform": "instagram", "username": ACCOUNT, "state": "CONNECTED"}
    (connection,) = owned.rows("select method, scopes from connections where profile_id = %(profile)s")
    assert connection["method"] == "facebook_login"
    assert "instagram_manage_insights" in connection["scopes"]
    jobs = owned.rows("select kind, state, error_code from sync_jobs where profile_id = %(profile)s")
    ended = {(job["kind"], job["state"], job["error_code"]) for job in jobs}
    assert {("CONNECT", "COMPLETED", None), ("SYNC", "COMPLETED", None)} <= ended
    assert {state for _, state, _ in ended} == {"COMPLETED"}


def test_no_secret_stands_in_the_log(owned: Owned) -> None:
    written = owned.whole.log.read_text(encoding="utf-8", errors="replace")
    meta = owned.whole.meta.meta
    assert [one for one in (meta.app.secret, *meta.grants.given()) if one in written] == []


def test_posts_and_counters_are_the_true_ones(owned: Owned) -> None:
    truth = owned.truth()
    assert owned.person.figure(owned.profile, "followers") == str(truth["followers"])
    codes = {row["code"] for row in owned.rows(
        "select code from media where profile_id = %(profile)s and kind <> 'story'"
    )}  # fmt: skip
    assert codes == {post["code"] for post in truth["media"]}


def test_pages_and_file_show_every_settled_day_exactly(owned: Owned, tmp_path: Path) -> None:
    outcome = Outcome()
    shown = hold(owned.person, owned.profile, owned.truth(), tmp_path, outcome.hold, "facebook_login")
    assert outcome.differences == []
    # The account has been a professional one for 45 days.
    assert 36 <= shown["days"] <= 45


def test_the_settings_say_what_was_allowed_and_the_insights_name_the_login(owned: Owned) -> None:
    owned.person.open(f"/profiles/{owned.profile}/settings")
    assert "Facebook" in owned.person.page.locator("main").inner_text()
    owned.person.open(f"/profiles/{owned.profile}/insights?metric=reach")
    assert "Instagram's official API, by Facebook's login" in owned.person.page.locator("main").inner_text()


def test_disconnecting_ends_the_permissions_at_facebook(owned: Owned) -> None:
    grants = owned.whole.meta.meta.grants
    assert [grant.host for grant in grants.standing()] == ["facebook"]
    owned.person.open("/account/connections")
    owned.person.page.locator("summary", has_text="Disconnect").click()
    owned.person.page.get_by_role("button", name="Disconnect now").click()
    until(lambda: grants.standing() == [])
    assert owned.rows("select secret from connections where profile_id = %(profile)s") == [{"secret": None}]
