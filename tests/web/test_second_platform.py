"""A second platform: its pages name it and never another, and offer only what it declares."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from shared.db import declarations
from shared.domain.jobs import JobKind
from shared.domain.schedules import KindSchedule
from shared.messages import Message
from shared.platforms import PLATFORMS, WayIn
from shared.platforms.instagram import INSTAGRAM
from shared.store.followers.segments import Kind
from tests.conftest import Personas
from tests.rig import fakegram
from tests.rig.history import NOW, History
from tests.rig.populated import populate
from tests.web.conftest import SignedInAs
from tests.web.pages import post

Owner = psycopg.Connection[dict[str, Any]]
Declare = Callable[..., None]
LOGIN = {"username": "~Ada", "password": "canary-password-7f3a", "owned": "yes"}


def _name(typed: str) -> str | None:
    """Fakegram's names keep their case, and people write a tilde before them."""
    name = typed.strip().removeprefix("~")
    return name if name.isalpha() else None


FAKEGRAM = replace(
    fakegram.FAKEGRAM,
    kinds=INSTAGRAM.kinds - {JobKind.SYNC_STORIES, JobKind.SYNC_INSIGHTS, JobKind.SYNC_AUDIENCE},
    username=_name,
    username_hint=Message("As on your Fakegram card"),
    username_fault=Message("Enter the letters after the tilde."),
)


@pytest.fixture
def declare(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """declare(**changes) makes Fakegram, with these changes, a platform of this version and of its database."""

    def made(**changes: Any) -> None:
        monkeypatch.setitem(PLATFORMS, FAKEGRAM.name, replace(FAKEGRAM, **changes))
        declarations.declare(owner)

    return made


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def make(
    people: Personas, make_profile: Callable[..., UUID], make_connection: Callable[..., UUID]
) -> Callable[..., UUID]:
    """make(**columns) -> a connected profile of Fakegram."""

    def made(**columns: Any) -> UUID:
        profile = make_profile(people.alice, "Ada", platform="fakegram", observed_at=NOW, followers=122, **columns)
        make_connection(profile)
        return profile

    return made


def _filled(owner: Owner, people: Personas, profile: UUID) -> None:
    """Gives the profile lists, posts and jobs, and takes away the alerts and the state that tell of errors."""
    populate(History(owner, people.alice, profile))
    owner.execute("delete from public.alerts")
    owner.execute("update public.profiles set state = 'CONNECTED', state_code = null")
    owner.execute("update public.people set username = '' where username = 'baseline.b'")
    owner.execute("update public.media set permalink = 'https://fakegram.example/p/' || platform_id")


def test_no_page_of_its_profile_names_another_platform(
    alice: FlaskClient, owner: Owner, people: Personas, declare: Declare, make: Callable[..., UUID]
) -> None:
    declare()
    profile = make()
    _filled(owner, people, profile)
    root = f"/profiles/{profile}"
    media = owner.execute("select id, kind from media order by id").fetchall()
    post_id, story_id = (next(row["id"] for row in media if row["kind"] == kind) for kind in ("image", "story"))
    job = post(alice, "/connect/fakegram", **LOGIN).headers["Location"]
    paths = [
        *("/", "/account", "/connect/fakegram", "/connect/fakegram?username=Ada", root, f"{root}?period=all", job),
        *(f"{root}/followers?period=all&kind={kind}" for kind in Kind),
        *(f"{root}/content?period=all", f"{root}/content?period=all&kind=stories", f"{root}/content?q=nothing"),
        *(f"{root}/content/{post_id}/likers", f"{root}/content/{story_id}/viewers"),
        *(f"{root}/activity", f"{root}/exports", f"{root}/imports", f"{root}/settings", f"{root}/strip"),
    ]
    for path in paths:
        answer = alice.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert (path, re.findall(".{60}instagram", answer.text, re.I | re.S)) == (path, [])
    assert "Open on Fakegram" in alice.get(f"{root}/content?period=all").text
    assert 'href="https://fakegram.example/@idol"' in alice.get(f"{root}/followers?kind=not-following-back").text
    assert "Fakegram did not show the username" in alice.get(f"{root}/followers?period=all&sort=username").text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("EXPIRED", ("Fakegram has ended the session.", "Ended by Fakegram")),
        ("CHALLENGED", ("Fakegram needs you to confirm something.", "On hold: Fakegram asks a question")),
    ],
)
def test_an_ended_session_is_told_with_the_platform_and_leads_to_its_login(
    alice: FlaskClient,
    owner: Owner,
    declare: Declare,
    make: Callable[..., UUID],
    state: str,
    words: tuple[str, ...],
) -> None:
    declare()
    profile = make()
    owner.execute("update public.connections set state = %s", (state,))
    page = alice.get(f"/profiles/{profile}/settings").text
    assert [each for each in words if each not in page] == []
    assert 'href="/connect/fakegram?username=Ada"' in page
    assert "Rollcall has not synced since" in alice.get("/connect/fakegram?username=~ada").text
    assert "instagram" not in page.lower()


def test_the_page_of_all_ways_in_lists_those_that_each_platform_declares(alice: FlaskClient, declare: Declare) -> None:
    alone = alice.get("/connect").text
    declare()
    page = alice.get("/connect?username=Ada").text
    ids = ["instagram", "facebook", "browser", "cookies", "window", "data_download", "youtube-google", "tiktok-tiktok"]
    assert re.findall(r'<h2 id="([\w-]+)">', alone) == [*ids, "comparison"]
    assert re.findall(r'<h2 id="([\w-]+)">', page) == [*ids, "fakegram-browser", "comparison"]
    assert ">Instagram: Log in with username and password</h2>" in alone
    own = page.split('id="fakegram-browser"')[1].partition("</section>")[0]
    assert "Fakegram: Log in with username and password" in own
    assert 'href="/connect/fakegram?username=Ada"' in own
    assert "against Fakegram's terms" in own.replace("&#39;", "'")
    assert "instagram" not in own.lower()


def test_a_login_follows_the_rules_of_its_platform(alice: FlaskClient, owner: Owner, declare: Declare) -> None:
    declare()
    form = alice.get("/connect/fakegram").text
    for words in ("Connect Fakegram", ">Fakegram username</label>", ">Fakegram password</label>", "your Fakegram card"):
        assert words in form
    assert "ways in that need no password" not in form
    wrong = post(alice, "/connect/fakegram", **{**LOGIN, "username": "ada.1", "password": ""})
    assert wrong.status_code == 400
    assert "Enter the letters after the tilde." in wrong.text
    assert "Enter your Fakegram password." in wrong.text
    assert post(alice, "/connect/fakegram", **LOGIN).status_code == 302
    (row,) = owner.execute("select platform, username from public.profiles").fetchall()
    assert (row["platform"], row["username"]) == ("fakegram", "Ada")


def test_only_a_platform_with_a_browser_login_has_the_form(alice: FlaskClient, declare: Declare) -> None:
    assert alice.get("/connect/fakegram").status_code == 404
    declare(ways_in=(WayIn.DATA_DOWNLOAD,))
    assert alice.get("/connect/fakegram").status_code == 404
    assert post(alice, "/connect/fakegram", **LOGIN).status_code == 404
    assert alice.get("/connect/instagram").status_code == 200


def test_a_session_that_ended_on_another_platform_is_not_told(
    alice: FlaskClient, people: Personas, declare: Declare, make_profile: Callable[..., UUID]
) -> None:
    declare()
    make_profile(people.alice, "ada", state="NEEDS_LOGIN")
    assert "has ended the session" in alice.get("/connect/instagram?username=ada").text
    assert "has ended the session" not in alice.get("/connect/fakegram?username=ada").text


def test_the_schedule_has_the_kinds_of_the_platform(
    alice: FlaskClient,
    declare: Declare,
    make: Callable[..., UUID],
    schedules: Callable[[UUID], dict[str, KindSchedule]],
) -> None:
    declare()
    profile = make()
    kinds = ("followers", "following", "media", "profile", "likers")
    page = alice.get(f"/profiles/{profile}/settings").text
    assert re.findall(r'<select[^>]* name="(\w+)_every"', page) == list(kinds)
    answer = post(alice, f"/profiles/{profile}/settings", timezone="UTC", **{f"{kind}_every": "720" for kind in kinds})
    assert answer.status_code == 302
    stored = schedules(profile)
    assert stored["SYNC_MEDIA"].every == timedelta(hours=12)
    assert "SYNC_STORIES" not in stored


def test_what_a_platform_cannot_have_is_not_offered(
    alice: FlaskClient, declare: Declare, make: Callable[..., UUID]
) -> None:
    declare(kinds=frozenset({JobKind.SYNC_PROFILE}))
    root = f"/profiles/{make()}"
    page = alice.get(root).text
    tabs = page.split('aria-label="Profile">')[1].split("</nav>")[0]
    assert re.findall(r">([A-Z]\w+)</a>", tabs) == ["Overview", "Exports", "Activity", "Settings"]
    assert re.findall(r'data-testid="figure-(\w+)"', page) == ["followers"]
    for words in ("First steps", "Data quality", "Reach, engagers"):
        assert words not in page
    assert re.findall(r'<option value="(\w+)"', alice.get(f"{root}/exports").text.split("</select>")[0]) == ["days"]
    for path in ("followers", "followers?kind=ghosts", "content", "content?kind=stories", "settings", "activity"):
        assert (path, alice.get(f"{root}/{path}").status_code) == (path, 200)


def test_stories_and_ghosts_are_left_out_where_no_sync_reads_them(
    alice: FlaskClient, declare: Declare, make: Callable[..., UUID]
) -> None:
    declare(kinds=frozenset({JobKind.SYNC_FOLLOWERS, JobKind.SYNC_MEDIA}))
    root = f"/profiles/{make()}"
    shown = re.findall(r'data-testid="kind-([\w-]+)"', alice.get(f"{root}/followers").text)
    assert shown == ["all", "new", "lost", "renamed"]
    assert 'value="stories"' not in alice.get(f"{root}/content").text
    assert 'value="stories" selected' in alice.get(f"{root}/content?kind=stories").text


def test_its_own_rules_say_which_name_confirms_a_deletion(
    alice: FlaskClient, owner: Owner, declare: Declare, make: Callable[..., UUID]
) -> None:
    declare()
    profile = make()
    assert post(alice, f"/profiles/{profile}/delete", confirm="@Ada").status_code == 400
    assert post(alice, f"/profiles/{profile}/delete", confirm="~ada").status_code == 302
    (row,) = owner.execute("select state from public.profiles").fetchall()
    assert row["state"] == "DELETING"


def test_a_platform_of_another_version_is_shown_by_its_stored_name(
    alice: FlaskClient,
    owner: Owner,
    people: Personas,
    declare: Declare,
    make: Callable[..., UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declare()
    profile = make()
    _filled(owner, people, profile)
    monkeypatch.delitem(PLATFORMS, "fakegram")
    root = f"/profiles/{profile}"
    assert "Requests to fakegram" in alice.get(f"{root}/settings").text
    assert 'href="/connect?username=Ada"' in alice.get(f"{root}/settings").text
    people_page = alice.get(f"{root}/followers?kind=not-following-back").text
    assert "<bdi>@idol</bdi>" in people_page
    assert "fakegram.example" not in people_page
    assert post(alice, f"{root}/delete", confirm=" Ada ").status_code == 302
