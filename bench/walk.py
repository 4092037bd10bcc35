"""The follower walk, pace off: the real job through a real browser, beside a bare client that reads the same pages.

The stand-in runs in a process of its own. The bare client keeps one connection, follows the cursors and writes nothing;
our time counts the whole job: the profile, every page staged, the verdict and the publication.
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psutil
import psycopg
from psycopg.rows import dict_row

from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config, start
from sandbox.world.world import WorldConfig
from shared.db import roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.domain.jobs import JobKind
from shared.settings import load
from shared.store.queue import claims
from shared.store.users import data_keys
from shared.vault import KeyRing, Place
from worker import bootstrap
from worker.browser.session import BrowserSession
from worker.jobs.sync import follow_list
from worker.platforms.instagram_web.site.page import APP_ID
from worker.runner.context import Context
from worker.services import Services

MARK_RATIO = 1.5
_LEASE = timedelta(minutes=5)
_WEIGHT_EVERY = 0.25


def serve(followers: int, line: Connection) -> None:
    """The stand-in's process: tells where it is, then opens a session for each user agent that it is sent."""
    running = start(Config(world=WorldConfig(followers=followers, following=50, posts=5), two_factor=TwoFactor.NONE))
    line.send((running.url, running.credentials.username, running.credentials.user_id))
    while agent := line.recv():
        line.send(running.site.sessions.open(running.site.account.user_id, agent))
    running.stop()


def bare(url: str, user_id: str, cookie: str, agent: str) -> tuple[float, int]:
    """Seconds and people read by a client that only follows the cursors."""
    host = url.removeprefix("http://")
    headers = {
        "User-Agent": agent,
        "X-IG-App-ID": APP_ID,
        "X-Requested-With": "XMLHttpRequest",
        "Referer": f"{url}/",
        "Cookie": f"sessionid={cookie}; ds_user_id={user_id}",
    }
    connection = http.client.HTTPConnection(host)
    began, people, cursor = time.perf_counter(), 0, ""
    while True:
        path = f"/api/v1/friendships/{user_id}/followers/?count=50&search_surface=follow_list_page"
        connection.request("GET", path + (f"&max_id={quote(cursor)}" if cursor else ""), headers=headers)
        body = json.loads(connection.getresponse().read())
        people += len(body["users"])
        cursor = body.get("next_max_id")
        if cursor is None:
            connection.close()
            return time.perf_counter() - began, people


async def user_agent(services: Services) -> str:
    """The user agent of the worker's browser."""
    async with services.browser.context(BrowserSession()) as context:
        agent: str = await (await context.new_page()).evaluate("navigator.userAgent")
    return agent


async def connect(services: Services, ring: KeyRing, ids: tuple[UUID, UUID], user_id: str, cookie: str) -> None:
    """A profile with the session that a login would have left."""
    cookies = [
        {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1, "sameSite": "Lax"}
        | {"httpOnly": name == "sessionid", "secure": False}
        for name, value in (("sessionid", cookie), ("ds_user_id", user_id), ("csrftoken", "c5rf"))
    ]
    state = {"storage_state": {"cookies": cookies, "origins": []}}
    secret = json.dumps(json.loads(BrowserSession().to_secret().text) | state)
    owner, profile = ids
    async with services.pool.connection() as conn:
        key = await data_keys.data_key(conn, ring, owner)
        row = await (
            await conn.execute(
                "insert into connections (user_id, profile_id, method, state) values (%s, %s, 'browser', 'ACTIVE')"
                " returning id",
                ids,
            )
        ).fetchone()
        assert row is not None
        encrypted = key.encrypt(secret.encode(), Place("connections", "secret", owner, row["id"]))
        await conn.execute("update connections set secret = %s where id = %s", (encrypted, row["id"]))
        await conn.execute(
            "insert into sync_jobs (user_id, profile_id, kind) values (%s, %s, 'SYNC_FOLLOWERS')", (owner, profile)
        )


async def walk(services: Services) -> tuple[float, float]:
    """Seconds that the claimed job takes, and the megabytes by which this process, the worker's, grew at most."""
    async with services.pool.connection() as conn:
        (claimed,) = await claims.claim(conn, "bench", _LEASE, [JobKind.SYNC_FOLLOWERS], 1)
    ctx = Context(claimed, services.pool, lease=_LEASE, poll=timedelta(seconds=1))
    beats = asyncio.create_task(ctx.beats())
    heaviest = asyncio.create_task(_heaviest())
    began = time.perf_counter()
    await follow_list.run(ctx, services)
    seconds = time.perf_counter() - began
    for task in (beats, heaviest):
        task.cancel()
    await asyncio.gather(beats, heaviest, return_exceptions=True)
    return seconds, _PEAK.pop("mb", 0.0)


_PEAK: dict[str, float] = {}


async def _heaviest() -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    while True:
        _PEAK["mb"] = max(_PEAK.get("mb", 0.0), (process.memory_info().rss - before) / 1e6)
        await asyncio.sleep(_WEIGHT_EVERY)


async def compare(url: str, site: tuple[str, str, str], line: Connection, folder: Path) -> dict[str, Any]:
    """Both in one run, the bare client first and once more behind, so that neither has the quieter machine."""
    base, username, user_id = site
    ring = KeyRing.generate(datetime.now(UTC))
    settings = load(
        database_url=roles.allow_login(url, roles.WORKER),
        data_dir=folder,
        instagram_base_url=base,
        pace=timedelta(0),
        pace_jitter=timedelta(0),
        requests_per_day=0,
        worker_keys=ring.to_json(),
    )
    with psycopg.connect(url, row_factory=dict_row) as conn:
        user = conn.execute(
            "insert into auth.users (email, encrypted_password) values ('bench@example.org', '-') returning id"
        ).fetchone()
        assert user
        profile = conn.execute(
            "insert into profiles (user_id, platform, username, external_id, state)"
            " values (%s, 'instagram', %s, %s, 'CONNECTED') returning id",
            (user["id"], username, user_id),
        ).fetchone()
        assert profile
    async with bootstrap.services(settings, 1) as services:
        agent = await user_agent(services)
        line.send(agent)
        cookie = line.recv()
        await connect(services, ring, (user["id"], profile["id"]), user_id, cookie)
        floor = [await asyncio.to_thread(bare, base, user_id, cookie, agent)]
        ours, grown = await walk(services)
        floor.append(await asyncio.to_thread(bare, base, user_id, cookie, agent))
    with psycopg.connect(url, row_factory=dict_row) as conn:
        run = conn.execute("select verdict, exact, seen, pages from list_runs where state = 'PUBLISHED'").fetchone()
    assert run
    bare_seconds = sum(seconds for seconds, _ in floor) / len(floor)
    return {
        "bench": "walk",
        "people": run["seen"],
        "pages": run["pages"],
        "verdict": run["verdict"],
        "exact": run["exact"],
        "seconds": round(ours, 2),
        "bare_seconds": [round(seconds, 2) for seconds, _ in floor],
        "bare_people": floor[0][1],
        "ratio": round(ours / bare_seconds, 2),
        "mark_ratio": MARK_RATIO,
        "grown_mb": round(grown, 1),
    }


def main(argv: list[str]) -> int:
    """`python -m bench walk [--followers 100000]`: one JSON line."""
    parser = argparse.ArgumentParser(prog="bench walk")
    parser.add_argument("--followers", type=int, default=100_000, help="people in the list")
    followers = parser.parse_args(argv).followers
    spawn = multiprocessing.get_context("spawn")
    line, other = spawn.Pipe()
    stand_in = spawn.Process(target=serve, args=(followers, other), daemon=True)
    stand_in.start()
    try:
        site = line.recv()
        with (
            tempfile.TemporaryDirectory(prefix="rb", ignore_cleanup_errors=True) as folder,
            embedded_database(Path(folder)) as url,
        ):
            migrate(url)
            print(json.dumps(asyncio.run(compare(url, site, line, Path(folder)))), flush=True)
        line.send(None)
        stand_in.join(10)
    finally:
        stand_in.terminate()
    return 0
