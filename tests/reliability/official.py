"""Plays the faults of an official interface: one channel, a real worker, and the rows one after the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from urllib.request import Request, urlopen
from uuid import UUID

from sandbox.demo.truth import ChannelWorld
from sandbox.google import server
from sandbox.google.oauth.grants import Asked
from sandbox.google.server import Running
from sandbox.world.channel.channel import Channel, ChannelConfig
from sandbox.world.world import WorldConfig
from shared.db import pools
from shared.domain.jobs import JobKind
from shared.platforms.youtube import SCOPES
from shared.store.users import data_keys
from shared.vault import Place, keyfiles
from tests.reliability.own_cells import OwnCells
from tests.reliability.rows import Row
from tests.reliability.stage import PATIENCE, Outcome
from tests.rig.desk import Desk
from tests.rig.house import Database, Workers, environment
from tests.rig.scratch import scratch
from tests.said import error_said

_CALLBACK = "http://127.0.0.1:9/api/auth/google/callback"
_TOKENS = ("token", "revoke", "authorize")
_ADD_PROFILE: LiteralString = """
    insert into public.profiles (user_id, platform, username, external_id, state)
    values (%s, 'youtube', %s, %s, 'CONNECTED') returning id
"""
_TABLES: tuple[LiteralString, ...] = (
    "select to_jsonb(t) as row from public.sync_jobs t",
    "select to_jsonb(t) as row from public.sync_attempts t",
    "select to_jsonb(t) as row from public.alerts t",
    "select to_jsonb(t) as row from public.metric_refusals t",
    "select to_jsonb(t) as row from public.profiles t",
)


@dataclass
class ChannelHouse:
    """Google with one channel, and the database and the worker that read it."""

    folder: Path
    google: Running
    database: Database
    desk: Desk
    workers: Workers
    person: UUID
    profile: UUID

    @property
    def channel(self) -> Channel:
        return self.google.google.channels()[0]

    def order(self, order: dict[str, Any]) -> None:
        """Tells the stand-in of one fault."""
        request = Request(f"{self.google.url}/_sandbox/faults", json.dumps(order).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=30):
            return

    def calls(self) -> tuple[int, int]:
        """The numbers of calls that the interfaces got and that were counted."""
        counted = self.desk.conn.execute("select coalesce(sum(calls), 0) as n from rollcall.api_quotas").fetchone()
        requests = self.google.google.requests
        made = sum(number for name, number in requests.items() if name not in _TOKENS)
        return made, int(counted["n"]) if counted else 0

    def sync(self) -> UUID:
        """Enqueues a sync of everything, to the ends of all lists."""
        return self.desk.enqueue(self.profile, JobKind.SYNC, args={"all": True})


def played(rows: Sequence[Row]) -> dict[str, Outcome]:
    """Returns what was seen of each row, by its key; a row that broke off says so in its own outcome."""
    outcomes = {row.key: Outcome() for row in rows}
    # Short enough for a socket's path.
    with scratch("ro") as name, house(Path(name)) as there:
        _settle(there)
        for row in rows:
            with OwnCells(outcomes[row.key]):
                _play(there, row, outcomes[row.key])
            if outcomes[row.key].broke:
                _settle(there)
    return outcomes


@contextmanager
def house(folder: Path) -> Iterator[ChannelHouse]:
    """The stand-in, a database and one worker, with a profile that is not connected yet."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=5)
    world = WorldConfig(followers=0, following=0, posts=0, start=begins)
    google = server.start(server.Config((server.PersonConfig(world, (ChannelConfig(videos=55, age_days=40),)),)))
    database = Database(folder)
    desk = Desk(database, folder)
    person, channel = desk.add_person("alice@example.org"), google.google.channels()[0]
    made = desk.conn.execute(_ADD_PROFILE, [person, channel.handle.removeprefix("@"), channel.id]).fetchone()
    assert made is not None
    told = environment(database, folder, "http://127.0.0.1:9") | google.environment()
    workers = Workers(1, told, folder / "workers.log")
    try:
        yield ChannelHouse(folder, google, database, desk, workers, person, made["id"])
    finally:
        workers.stop()
        desk.conn.close()
        database.stop()
        google.stop()


def _play(there: ChannelHouse, row: Row, outcome: Outcome) -> None:
    """Lets the fault meet a sync, looks, takes the fault back, lets everything settle, and looks again."""
    last = there.desk.conn.execute("select coalesce(max(id), 0) as id from public.alerts").fetchone()
    # What a sync misses is told from what it saw at the same moment.
    there.google.google.advance(timedelta(minutes=10))
    before = there.calls()
    for order in row.orders:
        there.order(order)
    job = there.sync()
    there.desk.quiet(PATIENCE)
    made, counted = there.calls()
    outcome.requests = outcome.asked = made - before[0]
    outcome.counted = counted - before[1]
    outcome.notes = {"asked": dict(there.google.google.requests)}
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


def _settle(there: ChannelHouse) -> None:
    """No more faults: the quota begins again, the person connects again, and everything is synced."""
    there.order({"kind": "clear"})
    there.order({"kind": "channel_closed", "variant": "open"})
    there.google.google.spent.clear()
    there.desk.conn.execute("delete from rollcall.api_quotas")
    there.desk.conn.execute("delete from public.sync_jobs where state = 'WAITING'")
    asyncio.run(_connect(there))
    (job,) = there.desk.ended([there.sync()], PATIENCE)
    assert job["state"] == "COMPLETED", error_said(job)
    there.desk.quiet(PATIENCE)


async def _connect(there: ChannelHouse) -> None:
    """Gives the profile the tokens of a fresh consent."""
    ring, token = keyfiles.load(there.folder), json.dumps(_consent(there))
    async with pools.worker_pool(there.database.worker_url, 1) as pool, pool.connection() as conn:
        await conn.execute("delete from public.connections where profile_id = %s", [there.profile])
        key = await data_keys.data_key(conn, ring, there.person)
        made = await conn.execute(
            "insert into public.connections (user_id, profile_id, method, state) values (%s, %s, 'google', 'ACTIVE')"
            " returning id",
            [there.person, there.profile],
        )
        row = await made.fetchone()
        assert row is not None
        secret = key.encrypt(token.encode(), Place("connections", "secret", there.person, row["id"]))
        await conn.execute("update public.connections set secret = %s where id = %s", [secret, row["id"]])
        await conn.execute("update public.profiles set state = 'CONNECTED' where id = %s", [there.profile])


def _consent(there: ChannelHouse) -> dict[str, Any]:
    google = there.google.google
    grant = google.grants.of(google.client, google.accounts[0], there.channel)
    code = google.grants.code(grant, frozenset(SCOPES), Asked(_CALLBACK, offline=True), fresh=True)
    answer = google.grants.redeem(google.client, code, _CALLBACK, None)
    ends = datetime.now(UTC) + timedelta(hours=1)
    tokens = {name: answer[name] for name in ("access_token", "refresh_token")}
    return tokens | {"expires_at": ends.isoformat(), "scopes": sorted(SCOPES)}


def _called_gone(there: ChannelHouse) -> list[str]:
    """Videos that are called gone although they are there."""
    rows = there.desk.conn.execute("select platform_id from public.media where gone_at is not null").fetchall()
    listed = {video.id for video in there.channel.listed(owner=True)}
    return [f"{row['platform_id']} is called gone" for row in rows if row["platform_id"] in listed]


def _differences(there: ChannelHouse) -> list[str]:
    """Where videos and settled days are other than the true ones."""
    truth = ChannelWorld(there.google.url, there.channel.id).truth(date.min)
    stored = there.desk.conn.execute("select platform_id, plays from public.media where gone_at is null").fetchall()
    videos = {row["platform_id"]: row["plays"] for row in stored}
    true_videos = {video["id"]: video["views"] for video in truth["videos"]}
    days = there.desk.conn.execute("select day, value from public.insight_days where metric = 'views'").fetchall()
    settled = date.fromisoformat(truth["settled_until"])
    known = {row["day"].isoformat(): int(row["value"]) for row in days if row["day"] <= settled}
    true_days = {day: one["views"] for day, one in truth["days"].items() if date.fromisoformat(day) <= settled}
    return [
        *(f"the video {one} differs" for one in _unequal(videos, true_videos)),
        *(f"the day {one} differs" for one in _unequal(known, true_days)),
    ]


def _unequal(stored: dict[str, int], true: dict[str, int]) -> list[str]:
    return sorted(name for name in stored.keys() | true.keys() if stored.get(name) != true.get(name))


def _told_twice(there: ChannelHouse) -> list[str]:
    """Episodes of which two are open at once."""
    rows = there.desk.conn.execute(
        "select kind from public.alerts where closed_at is null group by profile_id, kind, subject having count(*) > 1"
    ).fetchall()
    return [f"{row['kind']} is open twice" for row in rows]


def _secrets_in_the_open(there: ChannelHouse) -> list[str]:
    """Which secrets stand in the log or in a row, by name."""
    google = there.google.google
    rows = [str(row["row"]) for table in _TABLES for row in there.desk.conn.execute(table).fetchall()]
    text = "\n".join([(there.folder / "workers.log").read_text(encoding="utf-8", errors="replace"), *rows])
    secrets = {"client secret": [google.client.secret], "token": google.grants.given()}
    return [name for name, values in secrets.items() if any(value in text for value in values)]
