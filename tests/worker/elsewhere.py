"""Browsers of another machine, as processes of this one: a Playwright server, and a Chromium with its DevTools open."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import psutil

from cli.ops.launcher import free_port
from tests.worker.fleet import until
from worker.browser.driver import playwrights_own
from worker.browser.find import find

TOKEN = "canary-token"


@dataclass
class Elsewhere:
    """A browser that is not the worker's child; its processes may be frozen and killed."""

    endpoint: str = field(repr=False)
    process: subprocess.Popen[bytes]

    def family(self) -> list[psutil.Process]:
        """The server first, then everything below it."""
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        return []

    def browsers(self) -> list[psutil.Process]:
        return [process for process in self.family() if "chrom" in _name(process)]

    def freeze(self) -> None:
        for process in self.browsers():
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        for process in self.browsers():
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def kill(self) -> None:
        """Ends it as the end of its machine would: everything at once."""
        family = self.family()
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=120)
        self.process.wait()


def _name(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        return "" if process.status() == psutil.STATUS_ZOMBIE else process.name()
    return ""


@cache
def chromium() -> str:
    """The browser of this machine, which a test lends to the other one."""
    return str(find(None, playwrights_own()))


@contextmanager
def playwright_server(path: str) -> Iterator[Elsewhere]:
    """`playwright run-server` below a path that no one guesses; `path` is the Chromium that it is to start."""
    server = subprocess.Popen(
        [sys.executable, "-m", "playwright", "run-server", "--host", "127.0.0.1", "--path", f"/{TOKEN}", "--unsafe"],
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    address = server.stdout.readline().decode().split()[-1]
    options = quote(json.dumps({"executablePath": path, "headless": True}))
    there = Elsewhere(f"{address}?launch-options={options}", server)
    try:
        yield there
    finally:
        there.kill()
        server.stdout.close()


@contextmanager
def devtools(path: str, folder: Path) -> Iterator[Elsewhere]:
    """A Chromium of somebody's with `--remote-debugging-port`."""
    port = free_port(0)
    process = subprocess.Popen(
        [
            path,
            "--headless",
            "--no-sandbox",
            "--no-first-run",
            "--disable-dev-shm-usage",
            f"--remote-debugging-port={port}",
            f"--user-data-dir={folder}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    there = Elsewhere(f"http://127.0.0.1:{port}?token={TOKEN}", process)
    try:
        until(lambda: _answers(f"http://127.0.0.1:{port}/json/version"))
        yield there
    finally:
        there.kill()


class Machine:
    """The other machine of a test, of one of the two kinds: `server` or `devtools`."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self._folder, self._stack = kind, folder, ExitStack()
        self.there = self.start()

    def start(self) -> Elsewhere:
        path = chromium()
        begun = playwright_server(path) if self.kind == "server" else devtools(path, self._folder)
        self.there = self._stack.enter_context(begun)
        return self.there

    def stop(self) -> None:
        self._stack.close()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=60) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False
