"""Callbacks of Meta: a signed one ends the connections of its login and erases their data; any other does nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from sandbox.meta.apps import MetaApp
from sandbox.meta.callbacks import signed_request
from sandbox.meta.hosts import Host
from shared.settings import load
from shared.vault import NO_ONE, Purpose
from tests.conftest import Personas
from tests.worker.handling import Pool, services_for
from worker.browser.pool import BrowserPool
from worker.periodic.callbacks import turn
from worker.platforms import registry
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
APP = MetaApp()
LOGIN = "1234004217"
FILLED = ("insight_days", "insight_totals", "audience_shares", "profile_counts", "media_metrics", "official_media")


def services_with(pool: Pool, **changes: str) -> Services:
    app = {"META_APP_ID": APP.id, "META_APP_SECRET": APP.secret}
    app |= {"INSTAGRAM_APP_ID": APP.instagram_id, "INSTAGRAM_APP_SECRET": APP.instagram_secret}
    settings = load(app | changes)
    return replace(services_for(pool), settings=settings, platforms=registry.clients(BrowserPool(settings), settings))


class Desk:
    """Alice's and Bob's profiles, what Meta posts about them, and the worker that acts on it."""

    def __init__(self, owner: Owner, pool: Pool, people: Personas, make_profile: Callable[..., UUID]) -> None:
        self.owner, self.services, self.people, self._make = owner, services_with(pool), people, make_profile

    def connected(self, user: UUID, name: str, method: str = "facebook_login", login: str | None = LOGIN) -> UUID:
        """A new profile with a connection of this login."""
        profile = self._make(user, name)
        self.owner.execute("delete from connections where profile_id = %s", [profile])
        self.add(user, profile, method, login)
        return profile

    def add(self, user: UUID, profile: UUID, method: str, login: str | None = None, state: str = "ACTIVE") -> None:
        self.owner.execute(
            "insert into connections (user_id, profile_id, method, login_id, state, secret)"
            " values (%s, %s, %s, %s, %s, %s)",
            (user, profile, method, login, state, None if state == "REVOKED" else b"a token"),
        )

    def fill(self, user: UUID, profile: UUID, source: str) -> None:
        """One row of everything that a way in brings, with a post of its own."""
        medium = self.owner.execute(
            "insert into media (user_id, profile_id, platform_id, kind, first_seen_at, last_seen_at)"
            " values (%s, %s, %s, 'image', now(), now()) returning id",
            (user, profile, str(uuid4().int)[:12]),
        ).fetchone()
        assert medium is not None
        given = {"user": user, "profile": profile, "source": source, "medium": medium["id"]}
        for statement in (
            "insert into insight_days (user_id, profile_id, metric, source, day, value, provisional, captured_at)"
            " values (%(user)s, %(profile)s, 'reach', %(source)s, current_date, 1, false, now())",
            "insert into insight_totals (user_id, profile_id, metric, source, first_day, last_day, value, provisional,"
            " captured_at) values (%(user)s, %(profile)s, 'reach', %(source)s, current_date, current_date, 1, false,"
            " now())",
            "insert into audience_shares (user_id, profile_id, source, breakdown, keys, metric, first_day, last_day,"
            " value, captured_at) values (%(user)s, %(profile)s, %(source)s, 'country', '{DE}', 'audience_followers',"
            " current_date, current_date, 1, now())",
            "insert into profile_counts (user_id, profile_id, source, followers, captured_at)"
            " values (%(user)s, %(profile)s, %(source)s, 1, clock_timestamp())",
            "insert into media_metrics (media_id, user_id, profile_id, source, likes, captured_at)"
            " values (%(medium)s, %(user)s, %(profile)s, %(source)s, 1, now())",
            "insert into official_media (media_id, source, user_id, profile_id, official_id)"
            " values (%(medium)s, %(source)s, %(user)s, %(profile)s, '1')",
        ):
            self.owner.execute(statement.encode(), given)

    def post(self, kind: str, login: str = LOGIN, host: Host = Host.FACEBOOK, signed: str | None = None) -> UUID:
        """A post as the web stores it."""
        callback = uuid4()
        text = signed or signed_request(APP, host, login, datetime.now(UTC))
        sealed = self.services.keyring.sealing_key.seal(
            json.dumps({"signed_request": text}).encode(),
            purpose=Purpose.CALLBACK,
            user_id=NO_ONE,
            subject_id=callback,
            expires_at=datetime.now(UTC) + timedelta(days=30),
        )
        self.owner.execute(
            "insert into rollcall.callbacks (id, code_hash, provider, kind, sealed) values (%s, %s, %s, %s, %s)",
            (callback, sha256(callback.bytes).digest(), host.value, kind, sealed),
        )
        return callback

    def state(self, callback: UUID) -> str:
        row = self.owner.execute("select state from rollcall.callbacks where id = %s", [callback]).fetchone()
        assert row is not None
        return str(row["state"])

    def connection(self, profile: UUID) -> dict[str, Any] | None:
        return self.owner.execute(
            "select state, state_code, state_params ->> 'variant' as variant, secret from connections"
            " where profile_id = %s and method <> 'browser'",
            [profile],
        ).fetchone()

    def left(self, profile: UUID, source: str) -> list[str]:
        """The tables that still have rows of this way in."""
        found = []
        for table in FILLED:
            asked = sql.SQL("select 1 from {} where profile_id = %s and source = %s").format(sql.Identifier(table))
            if self.owner.execute(asked, [profile, source]).fetchone():
                found.append(table)
        return found

    def jobs(self, profile: UUID) -> set[tuple[str, str]]:
        rows = self.owner.execute("select kind, state from sync_jobs where profile_id = %s", [profile]).fetchall()
        return {(row["kind"], row["state"]) for row in rows}


@pytest.fixture
def desk(owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID]) -> Desk:
    return Desk(owner, worker_pool, people, make_profile)


@pytest.mark.parametrize(("host", "method"), [(Host.FACEBOOK, "facebook_login"), (Host.INSTAGRAM, "instagram_login")])
async def test_a_removed_app_ends_every_connection_of_the_login_and_tells_its_person(
    desk: Desk, host: Host, method: str
) -> None:
    mine = desk.connected(desk.people.alice, "ada", method)
    also = desk.connected(desk.people.bob, "ada", method)
    other = desk.connected(desk.people.bob, "bea", method, "99")
    desk.fill(desk.people.alice, mine, method)
    callback = desk.post("deauthorize", host=host)
    await turn(desk.services)
    assert desk.state(callback) == "DONE"
    ended = {"state": "EXPIRED", "state_code": "access_revoked", "variant": "removed", "secret": None}
    assert desk.connection(mine) == desk.connection(also) == ended
    untouched = desk.connection(other)
    assert untouched is not None
    assert (untouched["state"], bytes(untouched["secret"])) == ("ACTIVE", b"a token")
    told = desk.owner.execute("select profile_id, kind, subject from alerts where closed_at is null").fetchall()
    assert {(row["profile_id"], row["kind"], row["subject"]) for row in told} == {
        (mine, "session_dead", method),
        (also, "session_dead", method),
    }
    assert desk.left(mine, method) == list(FILLED)


async def test_a_forged_post_does_nothing(desk: Desk) -> None:
    profile = desk.connected(desk.people.alice, "ada")
    forged = signed_request(APP, Host.INSTAGRAM, LOGIN, datetime.now(UTC))
    callbacks = [desk.post("deauthorize", signed=forged), desk.post("data_deletion", signed="no")]
    await turn(desk.services)
    assert [desk.state(one) for one in callbacks] == ["REFUSED", "REFUSED"]
    found = desk.connection(profile)
    assert found is not None
    assert found["state"] == "ACTIVE"


async def test_a_login_that_opened_nothing_here_is_told_so(desk: Desk) -> None:
    desk.connected(desk.people.alice, "ada", login=None)
    callback = desk.post("data_deletion")
    await turn(desk.services)
    assert desk.state(callback) == "UNKNOWN"


async def test_a_deletion_takes_the_whole_profile_where_nothing_else_has_read_it(desk: Desk) -> None:
    profile = desk.connected(desk.people.alice, "ada")
    callback = desk.post("data_deletion")
    await turn(desk.services)
    assert desk.state(callback) == "ERASING"
    assert ("DELETE_PROFILE", "PENDING") in desk.jobs(profile)
    (row,) = desk.owner.execute("select state from profiles where id = %s", [profile]).fetchall()
    assert row["state"] == "DELETING"
    assert desk.owner.execute("select 1 from alerts").fetchone() is None
    await turn(desk.services)
    assert desk.state(callback) == "ERASING"
    desk.owner.execute("delete from sync_jobs where profile_id = %s", [profile])
    desk.owner.execute("delete from profiles where id = %s", [profile])
    await turn(desk.services)
    assert desk.state(callback) == "DONE"


async def test_a_deletion_spares_what_another_way_in_has_read(desk: Desk) -> None:
    profile = desk.connected(desk.people.alice, "ada")
    desk.add(desk.people.alice, profile, "browser")
    for source in ("facebook_login", "browser"):
        desk.fill(desk.people.alice, profile, source)
    desk.owner.execute("delete from official_media where source = 'browser'")
    callback = desk.post("data_deletion")
    await turn(desk.services, batch=1)
    assert desk.state(callback) == "DONE"
    assert desk.left(profile, "facebook_login") == []
    assert desk.left(profile, "browser") == [table for table in FILLED if table != "official_media"]
    (posts,) = desk.owner.execute("select count(*) as n from media where profile_id = %s", [profile]).fetchall()
    assert posts["n"] == 1
    assert desk.connection(profile) is None
    assert ("DERIVE", "PENDING") in desk.jobs(profile)


async def test_a_deletion_after_disconnecting_still_finds_the_data(desk: Desk) -> None:
    profile = desk.connected(desk.people.alice, "ada", "browser", None)
    desk.add(desk.people.alice, profile, "facebook_login", LOGIN, "REVOKED")
    desk.fill(desk.people.alice, profile, "facebook_login")
    callback = desk.post("data_deletion")
    await turn(desk.services)
    assert desk.state(callback) == "DONE"
    assert desk.left(profile, "facebook_login") == []


async def test_a_running_sync_is_stopped_before_the_data_goes(desk: Desk) -> None:
    profile = desk.connected(desk.people.alice, "ada")
    desk.add(desk.people.alice, profile, "browser")
    desk.fill(desk.people.alice, profile, "facebook_login")
    (row,) = desk.owner.execute(
        "select id from connections where profile_id = %s and method = 'facebook_login'", [profile]
    ).fetchall()
    desk.owner.execute(
        "insert into sync_jobs (user_id, profile_id, kind, state, lease_until, connection_id)"
        " values (%s, %s, 'SYNC_INSIGHTS', 'RUNNING', now() + interval '1 hour', %s)",
        (desk.people.alice, profile, row["id"]),
    )
    callback = desk.post("data_deletion")
    await turn(desk.services)
    assert desk.state(callback) == "ERASING"
    assert desk.left(profile, "facebook_login") == list(FILLED)
    asked = desk.owner.execute("select cancel_requested_at from sync_jobs where kind = 'SYNC_INSIGHTS'").fetchone()
    assert asked is not None
    assert asked["cancel_requested_at"] is not None
    desk.owner.execute(
        "update sync_jobs set state = 'CANCELLED', ended_at = now(), lease_until = null where kind = 'SYNC_INSIGHTS'"
    )
    await turn(desk.services)
    assert desk.state(callback) == "DONE"
    assert desk.left(profile, "facebook_login") == []


async def test_a_worker_without_the_apps_secret_leaves_the_post_to_another(desk: Desk, worker_pool: Pool) -> None:
    desk.connected(desk.people.alice, "ada")
    callback = desk.post("deauthorize")
    await turn(services_for(worker_pool))
    assert desk.state(callback) == "RECEIVED"
    await turn(desk.services)
    assert desk.state(callback) == "DONE"


async def test_a_post_that_was_sealed_for_another_is_refused(desk: Desk) -> None:
    callback = desk.post("deauthorize")
    desk.owner.execute("update rollcall.callbacks set id = %s where id = %s", [moved := uuid4(), callback])
    await turn(desk.services)
    assert desk.state(moved) == "REFUSED"


async def test_what_ended_a_year_ago_is_forgotten(desk: Desk) -> None:
    old, young = desk.post("deauthorize"), desk.post("deauthorize")
    await turn(desk.services)
    desk.owner.execute("update rollcall.callbacks set ended_at = now() - interval '366 days' where id = %s", [old])
    await turn(desk.services)
    left = desk.owner.execute("select id from rollcall.callbacks").fetchall()
    assert [row["id"] for row in left] == [young]
