"""A town of several machines: one database, a crowd of accounts, three workers, two webs, and people who visit them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

import httpx

from cli.ops.launcher import Child, free_port, part, wait_until_up
from sandbox.crowd import Crowd, gather
from shared.db import roles
from tests.rig.desk import Desk
from tests.rig.house import Database, Workers, environment
from tests.rig.rounds import Soak
from tests.worker.fleet import until

# Longer than a loaded machine lets a healthy worker be silent.
LEASE_SECONDS = 8.0
PASSWORD = "correct horse battery"
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_GONE = (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)


class Web:
    """One real `rollcall web`; it keeps its port when it is started again."""

    def __init__(self, database: Database, folder: Path, log: Path) -> None:
        self.port = free_port(0)
        self.url = f"http://127.0.0.1:{self.port}"
        self.down = Event()
        self._log = log.open("ab")
        self._environ = {
            "ROLLCALL_DATA_DIR": str(folder),
            "DATABASE_URL": roles.allow_login(database.url, roles.WEB),
            "SECRET_KEY": "k" * 32,
            "PORT": str(self.port),
            "LOG_FORMAT": "json",
        }
        self._child = self._started()

    def _started(self) -> Child:
        child = part("web", self._environ, output=self._log)
        child.start()
        return child

    def until_up(self) -> None:
        wait_until_up(f"{self.url}/healthz", self._child, 240)

    def kill(self) -> None:
        """Ends it at once, and starts it again."""
        self.down.set()
        self.end()
        self._child = self._started()
        self.until_up()
        self.down.clear()

    def end(self) -> None:
        assert self._child.process is not None
        self._child.process.kill()
        self._child.process.wait()

    def close(self) -> None:
        self.end()
        self._log.close()


class Visitor:
    """A person with one cookie jar for both webs, as a browser has it behind a balancer."""

    def __init__(self, email: str) -> None:
        self.email = email
        self.client = httpx.Client(trust_env=False, timeout=240)

    def close(self) -> None:
        self.client.close()

    def get(self, web: Web, path: str) -> httpx.Response:
        return self.client.get(f"{web.url}{path}")

    def post(self, web: Web, path: str, **fields: str) -> httpx.Response:
        token = _TOKEN.search(self.client.get(f"{web.url}/login", follow_redirects=True).text)
        assert token is not None
        return self.client.post(f"{web.url}{path}", data={"csrf_token": token[1], **fields})

    def start(self, web: Web, profile: UUID, kind: str) -> dict[str, Any]:
        token = _TOKEN.search(self.client.get(f"{web.url}/profiles/{profile}").text)
        assert token is not None
        answer = self.client.post(
            f"{web.url}/api/v1/profiles/{profile}/jobs", json={"kind": kind}, headers={"X-CSRFToken": token[1]}
        )
        assert answer.status_code in (200, 202), f"{answer.status_code} {answer.text}"
        made: dict[str, Any] = answer.json()
        return made

    def sees(self, web: Web) -> list[str]:
        """The usernames of the profiles that are shown to this person."""
        return sorted(row["username"] for row in self.get(web, "/api/v1/profiles").json()["profiles"])


@dataclass
class Visits:
    """What people saw who asked both webs again and again; `wrong` are sentences."""

    webs: list[Web]
    visitors: dict[Visitor, list[str]]
    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    _over: Event = field(default_factory=Event)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [Thread(target=self._visit, args=visit) for visit in self.visitors.items()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _visit(self, visitor: Visitor, expected: list[str]) -> None:
        while not self._over.wait(0.1):
            for web in self.webs:
                down_before = web.down.is_set()
                try:
                    self._look(web, visitor, expected)
                except _GONE as gone:
                    if not (down_before or web.down.is_set()):
                        self.wrong.append(f"{web.url} did not answer {visitor.email}: {gone!r}")

    def _look(self, web: Web, visitor: Visitor, expected: list[str]) -> None:
        answer = visitor.get(web, "/api/v1/profiles")
        shown = answer.json().get("profiles", [])
        if sorted(row["username"] for row in shown) != expected:
            self.wrong.append(f"{web.url} showed {visitor.email} {answer.status_code} {answer.json()}")
            return
        page = visitor.get(web, f"/profiles/{shown[0]['id']}/followers")
        if page.status_code != 200 or shown[0]["username"] not in page.text:
            self.wrong.append(f"{web.url} said {page.status_code} to {visitor.email}")
        self.asked += 1


@dataclass
class Town:
    """All of it, running."""

    database: Database
    crowd: Crowd
    desk: Desk
    workers: Workers
    webs: list[Web]
    visitors: list[Visitor]
    run: Soak

    def owner_of(self, visitor: Visitor) -> UUID:
        row = self.desk.conn.execute("select id from auth.users where email = %s", [visitor.email]).fetchone()
        assert row is not None
        found: UUID = row["id"]
        return found

    def busy_worker(self, but: frozenset[int] = frozenset()) -> int:
        """The place of a worker that has a job now."""

        def found() -> list[int]:
            names = [row["worker"] for row in self.rows("select worker from public.sync_jobs where state = 'RUNNING'")]
            pids = [child.process.pid for child in self.workers.children if child.process is not None]
            busy = [place for place, pid in enumerate(pids) if any(f":{pid}:" in name for name in names)]
            return [place for place in busy if place not in but]

        place: int = until(found)[0]
        return place

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        return self.desk.conn.execute(statement.encode(), values).fetchall()


@contextmanager
def town(folder: Path, accounts: int, seed: int) -> Iterator[Town]:
    """Three workers that all schedule, two webs, two people who signed up, and `accounts` profiles between them."""
    crowd, database = Crowd(gather(accounts, seed, prefix="town")), Database(folder)
    desk = Desk(database, folder)
    environ = environment(database, folder, crowd.url) | {
        "SCHEDULER": "true",
        "WORKER_LEASE_SECONDS": f"{LEASE_SECONDS:g}",
    }
    workers = Workers(3, environ | {"WORKER_CONCURRENCY": "2"}, folder / "workers.log")
    webs: list[Web] = []
    visitors = [Visitor(f"person-{number}@example.org") for number in range(2)]
    try:
        webs += [Web(database, folder, folder / f"web-{number}.log") for number in range(2)]
        for web in webs:
            web.until_up()
        made = Town(database, crowd, desk, workers, webs, visitors, Soak(seed, crowd, database, workers, desk))
        for number, visitor in enumerate(visitors):
            visitor.post(webs[number], "/signup", email=visitor.email, password=PASSWORD)
            for member in crowd.members[number::2]:
                desk.add_profile(made.owner_of(visitor), member)
        yield made
    finally:
        for visitor in visitors:
            visitor.close()
        for web in webs:
            web.close()
        workers.stop()
        desk.conn.close()
        database.stop()
        crowd.stop()
