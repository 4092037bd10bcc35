"""The sync of 1 000 posts by an official interface, beside a bare httpx client that makes the same calls.

The real job reads a channel of YouTube, then an account by Instagram Login, each from its stand-in in a process of its
own. Our time counts the whole job: checks, quotas counted in the database, every page staged, the publication, and the
figures of the newest posts. The bare client keeps one connection, sends the calls that the stand-in noted, in their
order, reads each answer as JSON and writes nothing. The calls that are needed follow from the pages and posts there.
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.rows import dict_row

from bench.api_sites import SITES, Call, Served, serve
from shared.db import roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.domain.jobs import JobKind
from shared.settings import load
from shared.store.queue import claims
from shared.store.users import data_keys
from shared.vault import KeyRing, Place
from worker import bootstrap
from worker.jobs.sync import media_tabs
from worker.runner.context import Context
from worker.services import Services

MARK_RATIO = 1.3
_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Owner:
    """The person and the profile for which the job reads."""

    user: UUID
    profile: UUID


async def bare(url: str, calls: list[Call]) -> float:
    """Seconds of a client that makes these calls one after the other and keeps nothing; a refusal is an answer."""
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        began = time.perf_counter()
        for call in calls:
            (await client.get(call.path, headers={"Authorization": call.authorization})).json()
        return time.perf_counter() - began


def own(url: str, served: Served, name: str) -> Owner:
    """A person with a profile that is not connected yet."""
    with psycopg.connect(url, row_factory=dict_row) as conn:
        user = conn.execute(
            "insert into auth.users (email, encrypted_password) values (%s, '-') returning id",
            (f"{name}.{served.platform}@example.org",),
        ).fetchone()
        assert user
        profile = conn.execute(
            "insert into profiles (user_id, platform, username, external_id, state)"
            " values (%s, %s, %s, %s, 'CONNECTED') returning id",
            (user["id"], served.platform, served.username, served.identity),
        ).fetchone()
        assert profile
    return Owner(user["id"], profile["id"])


async def connect(services: Services, ring: KeyRing, owner: Owner, served: Served) -> None:
    """The connection that a consent would have left, and the job."""
    ids = (owner.user, owner.profile)
    async with services.pool.connection() as conn:
        key = await data_keys.data_key(conn, ring, owner.user)
        made = await conn.execute(
            "insert into connections (user_id, profile_id, method, state) values (%s, %s, %s, 'ACTIVE') returning id",
            (*ids, served.method),
        )
        row = await made.fetchone()
        assert row
        secret = key.encrypt(served.secret.encode(), Place("connections", "secret", owner.user, row["id"]))
        await conn.execute("update connections set secret = %s where id = %s", (secret, row["id"]))
        await conn.execute(
            "insert into sync_jobs (user_id, profile_id, kind, args) values (%s, %s, 'SYNC_MEDIA', '{\"all\": true}')",
            ids,
        )


async def sync(services: Services) -> float:
    """Seconds that the claimed job takes."""
    async with services.pool.connection() as conn:
        (claimed,) = await claims.claim(conn, "bench", _LEASE, [JobKind.SYNC_MEDIA], 1)
    ctx = Context(claimed, services.pool, lease=_LEASE, poll=timedelta(seconds=1))
    beats = asyncio.create_task(ctx.beats())
    began = time.perf_counter()
    await media_tabs.run(ctx, services)
    seconds = time.perf_counter() - began
    beats.cancel()
    await asyncio.gather(beats, return_exceptions=True)
    return seconds


async def compare(url: str, served: Served, line: Connection, folder: Path) -> dict[str, Any]:
    """One line of a platform. A first person's sync, not measured, tells the calls; a second person's is measured."""
    ring = KeyRing.generate(datetime.now(UTC))
    worker = roles.allow_login(url, roles.WORKER)
    settings = load(served.environment, database_url=worker, data_dir=folder, worker_keys=ring.to_json())
    async with bootstrap.services(settings, 1) as services:
        await connect(services, ring, own(url, served, "first"), served)
        await sync(services)
        calls = noted(line)
        floor = [await bare(served.url, calls)]
        owner = own(url, served, "second")
        await connect(services, ring, owner, served)
        noted(line)
        seconds = await sync(services)
        made = noted(line)
        floor.append(await bare(served.url, calls))
    with psycopg.connect(url, row_factory=dict_row) as conn:
        run = conn.execute("select verdict, seen from media_runs where profile_id = %s", (owner.profile,)).fetchone()
    assert run
    return {
        "posts": run["seen"],
        "verdict": run["verdict"],
        "calls": len(made),
        "calls_needed": served.needed,
        "seconds": round(seconds, 2),
        "bare_seconds": [round(one, 2) for one in floor],
        "ratio": round(seconds / (sum(floor) / len(floor)), 2),
    }


def noted(line: Connection) -> list[Call]:
    """The calls since this was asked last."""
    line.send("calls")
    calls: list[Call] = line.recv()
    return calls


def measure(name: str, posts: int, url: str, folder: Path) -> dict[str, Any]:
    """The line of one platform, with its stand-in in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    line, other = spawn.Pipe()
    stand_in = spawn.Process(target=serve, args=(name, posts, other), daemon=True)
    stand_in.start()
    try:
        found = asyncio.run(compare(url, line.recv(), line, folder))
        line.send(None)
        stand_in.join(10)
    finally:
        stand_in.terminate()
    return found


def main(argv: list[str]) -> int:
    """`python -m bench api [--posts 1000]`: one JSON line."""
    parser = argparse.ArgumentParser(prog="bench api")
    parser.add_argument("--posts", type=int, default=1000, help="posts of each account")
    posts = parser.parse_args(argv).posts
    with (
        tempfile.TemporaryDirectory(prefix="rb", ignore_cleanup_errors=True) as folder,
        embedded_database(Path(folder)) as url,
    ):
        migrate(url)
        lines = {name: measure(name, posts, url, Path(folder)) for name in SITES}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    print(json.dumps({"bench": "api", "at": at, "mark_ratio": MARK_RATIO, **lines}), flush=True)
    return 0
