"""Plays the faults of TikTok's interfaces: one account, a real worker, and the rows one after the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from urllib.request import Request, urlopen
from uuid import UUID

from sandbox.tiktok import server
from sandbox.tiktok.people import Person
from sandbox.tiktok.server import Running
from sandbox.world.clips.profile import ProfileConfig
from sandbox.world.world import WorldConfig
from shared.db import pools
from shared.domain.jobs import JobKind
from shared.platforms.tiktok import LOGIN_KIT
from shared.store.users import data_keys
from shared.vault import Place, keyfiles
from tests.reliability.own_cells import OwnCells
from tests.reliability.rows import Row
from tests.reliability.stage import PATIENCE, Outcome
from tests.rig.desk import Desk
from tests.rig.house import Database, Workers, environment
from tests.rig.scratch import scratch
from tests.said import error_said

_CALLBACK = "http://127.0.0.1:9/api/auth/tiktok/callback"
_TOKENS = ("token", "revoke", "authorize")
_ADD_PROFILE: LiteralString = """
    insert into public.profiles (user_id, platform, username, external_id, state)
    values (%s, 'tiktok', %s, %s, 'CONNECTED') returning id
"""
_TABLES: tuple[LiteralString, ...] = (
    "select to_jsonb(t) as row from public.sync_jobs t",
    "select to_jsonb(t) as row from public.sync_attempts t",
    "select to_jsonb(t) as row from public.alerts t",
    "select to_jsonb(t) as row from public.profiles t",
)
_OPEN_TWICE: LiteralString = """
    select kind from public.alerts where closed_at is null group by profile_id, kind, subject having count(*) > 1
"""


@dataclass
class ClipHouse:
    """TikTok with one account, and the database and the worker that read it."""

    folder: Path
    tiktok: Running
    database: Database
    desk: Desk
    workers: Workers
    person: UUID
    profile: UUID

    @property
    def owner(self) -> Person:
        return self.tiktok.tiktok.people[0]

    def order(self, order: dict[str, Any]) -> None:
        """Tells the stand-in of one fault."""
        request = Request(f"{self.tiktok.url}/_sandbox/faults", json.dumps(order).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=30):
            return

    def calls(self) -> tuple[int, int]:
        """The numbers of calls that the interface got and that were counted."""
        counted = self.desk.conn.execute("select coalesce(sum(calls), 0) as n from rollcall.api_quotas").fetchone()
        made = sum(number for name, number in self.tiktok.tiktok.requests.items() if name not in _TOKENS)
        return made, int(counted["n"]) if counted else 0

    def sync(self) -> UUID:
        """Enqueues a sync of everything, to the ends of all lists."""
        return self.desk.enqueue(self.profile, JobKind.SYNC, args={"all": True})


def played(rows: Sequence[Row]) -> dict[str, Outcome]:
    """Returns what was seen of each row, by its key; a row that broke off says so in its own outcome."""
    outcomes = {row.key: Outcome() for row in rows}
    # Short enough for a socket's path.
    with scratch("rt") as name, house(Path(name)) as there:
        _settle(there)
        for row in rows:
            with OwnCells(outcomes[row.key]):
                _play(there, row, outcomes[row.key])
            if outcomes[row.key].broke:
                _settle(there)
    return outcomes


@contextmanager
def house(folder: Path) -> Iterator[ClipHouse]:
    """The stand-in, a database and one worker, with a profile that is not connected yet."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=5)
    world = WorldConfig(followers=0, following=0, posts=0, start=begins)
    tiktok = server.start(server.Config((world,), ProfileConfig(clips=40, age_days=200)))
    database = Database(folder)
    desk = Desk(database, folder)
    person, owner = desk.add_person("alice@example.org"), tiktok.tiktok.people[0]
    open_id = owner.open_id(tiktok.tiktok.app.key)
    made = desk.conn.execute(_ADD_PROFILE, [person, owner.username, open_id]).fetchone()
    assert made is not None
    told = environment(database, folder, "http://127.0.0.1:9") | tiktok.environment()
    workers = Workers(1, told, folder / "workers.log")
    try:
        yield ClipHouse(folder, tiktok, database, desk, workers, person, made["id"])
    finally:
        workers.stop()
        desk.conn.close()
        database.stop()
        tiktok.stop()


def _play(there: ClipHouse, row: Row, outcome: Outcome) -> None:
    """Lets the fault meet a sync, looks, takes the fault back, lets everything settle, and looks again."""
    last = there.desk.conn.execute("select coalesce(max(id), 0) as id from public.alerts").fetchone()
    # What a sync misses is told from what it saw at the same moment.
    there.tiktok.tiktok.advance(timedelta(minutes=10))
    before = there.calls()
    for order in row.orders:
        there.order(order)
    job = there.sync()
    there.desk.quiet(PATIENCE)
    made, counted = there.calls()
    outcome.requests = outcome.asked = made - before[0]
    outcome.counted = counted - before[1]
    outcome.notes = {"asked": dict(there.tiktok.tiktok.requests)}
    outcome.job, outcome.profile = there.desk.job(job), there.desk.profile(there.profile)
    outcome.alerts = there.desk.conn.execute(
        "select kind, subject, params from public.alerts where id > %s and closed_at is null order by id",
        [last["id"] if last else 0],
    ).fetchall()
    media = there.desk.conn.execute("select verdict from public.media_runs where job_id = %s", [job])
    outcome.verdicts = [run["verdict"] for run in media.fetchall()]
    outcome.during = _called_gone(there)
    outcome.doubled = _told_twice(there)
    _settle(there)
    outcome.after = [*_called_gone(there), *_differences(there)]
    outcome.doubled += _told_twice(there)
    outcome.secrets = _secrets_in_the_open(there)


def _settle(there: ClipHouse) -> None:
    """No more faults: the minute is over, the person connects again, and everything is synced."""
    there.order({"kind": "clear"})
    there.tiktok.tiktok.calls.clear()
    there.desk.conn.execute("delete from rollcall.api_quotas")
    there.desk.conn.execute("delete from public.sync_jobs where state = 'WAITING'")
    asyncio.run(_connect(there))
    (job,) = there.desk.ended([there.sync()], PATIENCE)
    assert job["state"] == "COMPLETED", error_said(job)
    there.desk.quiet(PATIENCE)


async def _connect(there: ClipHouse) -> None:
    """Gives the profile the tokens of a fresh consent."""
    ring, token = keyfiles.load(there.folder), json.dumps(_consent(there))
    async with pools.worker_pool(there.database.worker_url, 1) as pool, pool.connection() as conn:
        await conn.execute("delete from public.connections where profile_id = %s", [there.profile])
        key = await data_keys.data_key(conn, ring, there.person)
        made = await conn.execute(
            "insert into public.connections (user_id, profile_id, method, state) values (%s, %s, 'tiktok', 'ACTIVE')"
            " returning id",
            [there.person, there.profile],
        )
        row = await made.fetchone()
        assert row is not None
        secret = key.encrypt(token.encode(), Place("connections", "secret", there.person, row["id"]))
        await conn.execute("update public.connections set secret = %s where id = %s", [secret, row["id"]])
        await conn.execute("update public.profiles set state = 'CONNECTED' where id = %s", [there.profile])


def _consent(there: ClipHouse) -> dict[str, Any]:
    grants = there.tiktok.tiktok.grants
    grant = grants.of(there.owner)
    grant.scopes = frozenset(LOGIN_KIT.scopes)
    answer = grants.redeem(grants.code(grant, _CALLBACK, None), _CALLBACK, None)
    now = datetime.now(UTC)
    return {
        "access_token": answer["access_token"],
        "refresh_token": answer["refresh_token"],
        "expires_at": (now + timedelta(hours=2)).isoformat(),
        "ends_at": (now + timedelta(days=180)).isoformat(),
        "scopes": sorted(LOGIN_KIT.scopes),
        "obtained_at": now.isoformat(),
    }


def _called_gone(there: ClipHouse) -> list[str]:
    """Videos that are called gone although they are there."""
    rows = there.desk.conn.execute("select platform_id from public.media where gone_at is not null").fetchall()
    there_now = {str(clip.id) for clip in there.owner.profile.clips()}
    return [f"{row['platform_id']} is called gone" for row in rows if row["platform_id"] in there_now]


def _differences(there: ClipHouse) -> list[str]:
    """Where counters and videos are other than the true ones."""
    counted: LiteralString = (
        "select platform_id, plays, likes, comments, shares from public.media where gone_at is null"
    )
    rows = there.desk.conn.execute(counted).fetchall()
    stored = {row["platform_id"]: (row["plays"], row["likes"], row["comments"], row["shares"]) for row in rows}
    profile, now = there.owner.profile, there.owner.profile.now
    counts = {str(clip.id): clip.counts(now) for clip in profile.clips()}
    true = {name: (one.views, one.likes, one.comments, one.shares) for name, one in counts.items()}
    wrong = sorted(name for name in stored.keys() | true.keys() if stored.get(name) != true.get(name))
    followers = there.desk.profile(there.profile)["followers"]
    return [
        *(f"the video {name} differs" for name in wrong),
        *([f"{followers} followers, not {profile.followers}"] if followers != profile.followers else []),
    ]


def _told_twice(there: ClipHouse) -> list[str]:
    """Episodes of which two are open at once."""
    return [f"{row['kind']} is open twice" for row in there.desk.conn.execute(_OPEN_TWICE).fetchall()]


def _secrets_in_the_open(there: ClipHouse) -> list[str]:
    """Which secrets stand in the log or in a row, by name."""
    rows = [str(row["row"]) for table in _TABLES for row in there.desk.conn.execute(table).fetchall()]
    text = "\n".join([(there.folder / "workers.log").read_text(encoding="utf-8", errors="replace"), *rows])
    tiktok = there.tiktok.tiktok
    secrets = {"client secret": [tiktok.app.secret], "token": tiktok.grants.given()}
    return [name for name, values in secrets.items() if any(value in text for value in values)]
