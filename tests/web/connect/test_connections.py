"""The rows of connections say how each stands: on the page of all, and on a profile's settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import sql

from shared.platforms.youtube import SCOPES
from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.pages import post

Owner = psycopg.Connection[dict[str, Any]]
PAGE = "/account/connections"
DATA, FIGURES = SCOPES


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def channel(people: Personas, make_profile: Callable[..., UUID], owner: Owner) -> tuple[UUID, UUID]:
    """Alice's channel, profile and connection: renewed three hours ago, without the figures, good for ten days."""
    profile = make_profile(people.alice, "alice.channel", platform="youtube")
    now = datetime.now(UTC)
    return profile, connect(
        owner,
        profile,
        "google",
        secret=b"canary-token",
        scopes=[DATA],
        refreshed_at=now - timedelta(hours=3),
        expires_at=now + timedelta(days=10),
    )


def connect(owner: Owner, profile: UUID, method: str, state: str = "ACTIVE", **columns: Any) -> UUID:
    values = {"profile_id": profile, "method": method, "state": state, **columns}
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    statement = sql.SQL(
        "insert into public.connections (user_id, {}) select user_id, {} from public.profiles where id = %s"
        " returning id"
    ).format(names, sql.SQL(", ").join(sql.Placeholder() * len(values)))
    row = owner.execute(statement, [*values.values(), profile]).fetchone()
    assert row is not None
    made: UUID = row["id"]
    return made


def row_of(page: str, connection: UUID) -> str:
    """The words of one row."""
    found = re.search(rf'<li data-connection="{connection}".*?</li>', page, re.S)
    assert found is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def test_a_row_says_how_a_token_stands_and_shows_none_of_it(
    alice: FlaskClient, channel: tuple[UUID, UUID], owner: Owner, people: Personas, make_job: Callable[..., UUID]
) -> None:
    profile, connection = channel
    make_job(people.alice, profile, "SYNC_PROFILE", state="COMPLETED", ended_at=datetime.now(UTC) - timedelta(hours=2))
    make_job(
        people.alice, profile, "SYNC_INSIGHTS", state="FAILED", ended_at=datetime.now(UTC), error_code="site_failed"
    )
    page = alice.get(PAGE).text
    words = row_of(page, connection)
    assert words.startswith("YouTube Google's official way @alice.channel State Works")
    assert "Allowed the channel, its counters and its videos" in words
    assert "Not allowed daily figures and the audience" in words
    assert "Last renewed 3 hours ago" in words
    assert "Last sync 2 hours ago" in words
    assert "Last error YouTube" in words
    assert "Access ends" in words
    assert "No end is known" not in words
    assert "canary" not in page


def test_a_profile_with_two_connections_has_a_row_for_each_and_settings_show_its_own_alone(
    alice: FlaskClient,
    channel: tuple[UUID, UUID],
    people: Personas,
    make_profile: Callable[..., UUID],
    owner: Owner,
) -> None:
    gram = make_profile(people.alice)
    browser = connect(owner, gram, "browser")
    download = connect(owner, gram, "data_download")
    settings = alice.get(f"/profiles/{gram}/settings").text
    assert re.findall(r'data-connection="([^"]+)"', settings) == [str(browser), str(download)]
    assert "Last renewed" not in row_of(settings, browser)
    assert "Disconnect" not in row_of(settings, download)
    # The only connection that can be ended has its button in the panel below.
    assert "Disconnect" not in row_of(settings, browser)
    assert settings.count("/disconnect") == 1
    connect(owner, gram, "instagram_login")
    settings = alice.get(f"/profiles/{gram}/settings").text
    assert "Disconnect" in row_of(settings, browser)
    assert "choose another account of the same login" in settings
    assert 'href="/connect/data-download?username=alice.test"' in settings
    every = alice.get(PAGE).text
    assert len(re.findall("data-connection=", every)) == 4


def test_what_ended_a_connection_stands_in_its_row_and_the_button_says_connect_again(
    alice: FlaskClient, channel: tuple[UUID, UUID], owner: Owner
) -> None:
    connection = channel[1]
    owner.execute(
        "update public.connections set state = 'EXPIRED', state_code = 'access_revoked',"
        " expires_at = now() - interval '1 hour',"
        """ state_params = '{"variant": "ended"}' where id = %s""",
        (connection,),
    )
    page = alice.get(PAGE).text
    assert "Ended since" in row_of(page, connection)
    assert "Access ended" in row_of(page, connection)
    assert "tried to renew the access that you gave to YouTube, and did not succeed in time." in row_of(
        page, connection
    )
    assert '<a class="btn btn-sm btn-primary" href="/connect?username=alice.channel">' in page


@pytest.mark.parametrize(("origin", "back"), [("account", PAGE), ("settings", "settings")])
def test_disconnecting_one_asks_once_more_erases_it_and_leads_back(
    alice: FlaskClient, channel: tuple[UUID, UUID], owner: Owner, origin: str, back: str
) -> None:
    connection = channel[1]
    answer = post(alice, f"{PAGE}/{connection}/disconnect", **{"from": origin})
    assert answer.headers["Location"].endswith(back)
    row = owner.execute("select state, secret from public.connections").fetchone()
    assert row == {"state": "REVOKED", "secret": None}
    (job,) = owner.execute("select kind, sealed from public.sync_jobs").fetchall()
    assert (job["kind"], bytes(job["sealed"])) == ("REVOKE", b"canary-token")
    page = alice.get(PAGE).text
    assert "Google is asked to end the access" in page
    assert "Nothing is connected." in page
    assert post(alice, f"{PAGE}/{connection}/disconnect").status_code == 404


def test_another_person_sees_no_row_and_ends_none(
    signed_in_as: SignedInAs, people: Personas, channel: tuple[UUID, UUID], owner: Owner
) -> None:
    bob = signed_in_as(people.bob)
    assert "data-connection" not in bob.get(PAGE).text
    assert post(bob, f"{PAGE}/{channel[1]}/disconnect").status_code == 404
    assert owner.execute("select state from public.connections").fetchone() == {"state": "ACTIVE"}


def test_a_connection_that_only_another_version_knows_is_named_as_it_is_stored(
    alice: FlaskClient,
    channel: tuple[UUID, UUID],
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
) -> None:
    owner.execute("update rollcall.platforms set ways_in = ways_in || 'carrier_pigeon'::text where name = 'instagram'")
    unknown = connect(owner, make_profile(people.alice), "carrier_pigeon")
    assert "carrier_pigeon" in row_of(alice.get(PAGE).text, unknown)


def test_the_alert_about_one_that_ended_leads_to_connecting_again_while_another_works(
    alice: FlaskClient,
    owner: Owner,
    second_way_in: str,
    people: Personas,
    make_profile: Callable[..., UUID],
) -> None:
    gram = make_profile(people.alice)
    connect(owner, gram, "browser")
    connect(owner, gram, second_way_in, "EXPIRED")
    owner.execute(
        "insert into public.alerts (user_id, profile_id, kind, subject, params)"
        """ values (%s, %s, 'session_dead', %s, '{"code": "access_revoked"}')""",
        (people.alice, gram, second_way_in),
    )
    page = alice.get(f"/profiles/{gram}").text
    row = re.search(r'<li data-row data-alert="session_dead">.*?</li>', page, re.S)
    assert row is not None
    assert '<a href="/connect?username=alice.test">Connect again</a>' in row[0]
    assert 'data-notice="NEEDS_LOGIN"' not in page
