"""Loads every dashboard page of a profile with 1 M followers, 10 k media and three years, at 40 requests a second.

The real application runs in a process of its own (`rollcall web`); requests are sent on a fixed timetable, and each is
measured from the moment it was due, so a stall counts for all requests behind it. The floor is `/healthz` alone.
"""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from threading import local
from typing import Any
from urllib.parse import urlsplit

from bench.pages_data import Seeded, seed
from shared.db import roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.settings import load
from shared.vault import KeyRing
from web.auth.session import cookie_name

MARK_MS = 100
REPO = Path(__file__).resolve().parents[1]
SENDERS = 24
PAGES = {
    "overview": "",
    "overview-all": "?period=all",
    "followers": "/followers",
    "followers-username": "/followers?sort=username",
    "followers-search": "/followers?q=anna_00",
    "followers-search-broad": "/followers?q=anna",
    "followers-search-name": "/followers?q=rossi",
    "followers-verified": "/followers?verified=yes",
    "new": "/followers?kind=new",
    "new-all-username": "/followers?kind=new&period=all&sort=username",
    "lost": "/followers?kind=lost",
    "lost-all": "/followers?kind=lost&period=all",
    "not-following-back": "/followers?kind=not-following-back",
    "fans": "/followers?kind=fans",
    "mutual-username": "/followers?kind=mutual&sort=username",
    "renamed": "/followers?kind=renamed",
    "content": "/content",
    "content-all-likes": "/content?period=all&sort=likes",
    "content-all-search": "/content?period=all&q=coffee",
    "activity": "/activity",
}


@contextmanager
def served(url: str, folder: Path) -> Iterator[str]:
    """Runs `rollcall web` on that database and yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "DATABASE_URL": url,
        "ROLLCALL_DATA_DIR": str(folder),
        "PORT": str(port),
        "SEALING_KEY": KeyRing.generate(datetime.now(UTC)).sealing_key.to_text(),
        "SECRET_KEY": "k" * 32,
        "LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen(
        [sys.executable, str(REPO / "rollcall.py"), "web"],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        while line := process.stdout.readline():
            if "Rollcall is at" in line:
                break
        else:
            raise RuntimeError("the web did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


class Sender:
    """Asks for pages over connections that stay open, one to a thread."""

    def __init__(self, address: str, cookie: str) -> None:
        self._host = urlsplit(address).netloc
        self._headers = {"Cookie": cookie}
        self._own = local()

    def get(self, path: str) -> tuple[int, int]:
        """Status and length of the answer."""
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection(self._host, timeout=60)
        self._own.connection.request("GET", path, headers=self._headers)
        answer = self._own.connection.getresponse()
        return answer.status, len(answer.read())


def drive(sender: Sender, paths: dict[str, str], rate: float, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each request, by page, from when it was due until its last byte was read."""
    taken: dict[str, list[float]] = {name: [] for name in paths}
    began = time.perf_counter() + 0.2

    def ask(number: int, name: str) -> None:
        due = began + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        status, _ = sender.get(paths[name])
        if status != 200:
            raise RuntimeError(f"{name} answered {status}")
        taken[name].append((time.perf_counter() - due) * 1000)

    with ThreadPoolExecutor(SENDERS) as pool:
        turns = enumerate(islice(cycle(paths), int(rate * seconds)))
        for done in [pool.submit(ask, number, name) for number, name in turns]:
            done.result()
    return taken


def percentile(values: Sequence[float], part: int) -> float:
    """The `part`-th percentile, to a tenth."""
    return round(quantiles(values, n=100, method="inclusive")[part - 1], 1)


def measure(url: str, seeded: Seeded, folder: Path, rate: float, seconds: float) -> dict[str, Any]:
    """Figures of every page and of the floor, from a warm server."""
    paths = {name: f"/profiles/{seeded.profile_id}{rest}" for name, rest in PAGES.items()}
    with served(url, folder) as address:
        sender = Sender(address, f"{cookie_name(load({}))}={seeded.token}")
        drive(sender, paths, rate / 4, 4 * len(paths) / rate * 3)
        pages = drive(sender, paths, rate, seconds)
        floor = drive(sender, {"healthz": "/healthz"}, rate, seconds / 2)["healthz"]
    every = [value for values in pages.values() for value in values]
    slowest = max(pages, key=lambda name: percentile(pages[name], 95))
    floor_p95 = percentile(floor, 95)
    return {
        "pages": {
            name: {"p50_ms": percentile(values, 50), "p95_ms": percentile(values, 95)} for name, values in pages.items()
        },
        "p50_ms": percentile(every, 50),
        "p95_ms": percentile(every, 95),
        "slowest": slowest,
        "slowest_p95_ms": percentile(pages[slowest], 95),
        "floor_p95_ms": floor_p95,
        "ratio": round(percentile(every, 95) / floor_p95, 1),
        "mark_ms": MARK_MS,
        "mark_met": all(percentile(values, 95) <= MARK_MS for values in pages.values()),
    }


def main(argv: Sequence[str]) -> None:
    """Prints one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m bench pages")
    parser.add_argument("--scale", type=float, default=1.0, help="1.0: 1 M followers, 10 k media, three years")
    parser.add_argument("--rate", type=float, default=40, help="requests a second")
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory(prefix="rb", ignore_cleanup_errors=True) as name,
        embedded_database(Path(name)) as url,
    ):
        migrate(url)
        web = roles.allow_login(url, roles.WEB)
        began = time.perf_counter()
        seeded = seed(url, scale=options.scale)
        made = round(time.perf_counter() - began, 1)
        figures = measure(web, seeded, Path(name), options.rate, options.seconds)
    scale = {"followers": round(1_000_000 * options.scale), "media": round(10_000 * options.scale), "days": 1095}
    print(json.dumps({"bench": "pages", **scale, "rate": options.rate, "seeded_seconds": made, **figures}))
