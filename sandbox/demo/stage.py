"""The two performances: the whole job once, or a history to look at and a house left open."""

import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError

from sandbox.demo import history
from sandbox.demo.once import whole_job
from sandbox.demo.person import DemoFailed, Person, browser
from sandbox.demo.truth import World
from sandbox.instagram.account import TwoFactor
from sandbox.server import Config, Credentials, start
from sandbox.world.world import DEFAULT_START, WorldConfig


@dataclass(frozen=True, slots=True)
class Plan:
    """What to show. `days` is the length of the history; `--once` has its own seven days."""

    once: bool
    days: int
    followers: int
    following: int
    posts: int
    seed: int
    two_factor: str

    def begins(self) -> datetime:
        """Where the calendar starts: fixed for --once, else so that the history ends about now."""
        if self.once:
            return DEFAULT_START
        return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running Rollcall: where its pages are, which browser is on this machine, and how to keep it going.

    `mailed` gives the link in the newest mail to an address, where accounts are confirmed by mail.
    """

    address: str
    browser: Path | None
    as_root: bool
    keep_going: Callable[[], None]
    mailed: Callable[[str], str] | None = None


OpenStage = Callable[[str, Path, Path], AbstractContextManager[Stage]]
"""(the stand-in's URL, a data folder, a file for the log) -> a running Rollcall."""


def perform(plan: Plan, open_stage: OpenStage) -> int:
    """Plays the plan and returns the exit code; what goes wrong is told on stderr with the end of the log."""
    world = WorldConfig(plan.seed, plan.followers, plan.following, plan.posts, start=plan.begins())
    running = start(Config(world, TwoFactor(plan.two_factor)))
    try:
        with _folder() as folder:
            log = folder / "demo.log"
            try:
                with open_stage(running.url, folder / "data", log) as stage:
                    play = _once if plan.once else _history
                    return play(plan, stage, running.credentials, folder)
            except (DemoFailed, PlaywrightError) as error:
                _say(f"The demo failed: {error}")
                _say("The last lines of the log:\n" + _tail(log))
                return 1
            except KeyboardInterrupt:
                _say("\nStopped.")
                return 130 if plan.once else 0
    finally:
        running.stop()


def _once(plan: Plan, stage: Stage, login: Credentials, folder: Path) -> int:
    with browser(stage.browser, as_root=stage.as_root) as page:
        person, world = Person(page, stage.address), World(login.url, login.username)
        outcome = whole_job(person, world, login.as_json(), folder, stage.mailed)
    print(json.dumps(outcome.as_json()), flush=True)  # noqa: T201
    return 1 if outcome.differences else 0


def _history(plan: Plan, stage: Stage, login: Credentials, folder: Path) -> int:
    email, password = "demo@example.org", secrets.token_urlsafe(9)
    world = World(login.url, login.username)
    _say(f"Rollcall is at {stage.address} already; making {plan.days} days of history through it ...")
    with browser(stage.browser, as_root=stage.as_root) as page:
        person = Person(page, stage.address)
        person.sign_up(email, password, stage.mailed)

        def connect() -> str:
            return person.connect(login.username, login.password, None if plan.two_factor == "none" else world.code)

        profile = connect()
        history.make(person, world, profile, plan.days, connect)
    _say(_words(stage, login, email, password, profile))
    stage.keep_going()
    return 0


def _words(stage: Stage, login: Credentials, email: str, password: str, profile: str) -> str:
    return f"""
Rollcall:    {stage.address}/profiles/{profile}
sign in:     {email}  {password}

The sandbox's Instagram account, to connect once more from an account of your own (sign up for one):
  username:  {login.username}
  password:  {login.password}
  phone:     {login.phone_url}   (shows the security codes it was sent)
  authenticator secret: {login.totp_secret or "none; the code comes by SMS"}

Let another day pass:  curl -X POST {login.url}/_sandbox/advance -H 'Content-Type: application/json' -d '{{"days": 1}}'
then press "Sync now" under Settings.  Stop with Ctrl-C; nothing is kept."""


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of our own that is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="rollcall-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tail(log: Path, lines: int = 30) -> str:
    if not log.exists():
        return "(there is no log)"
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _say(text: str) -> None:
    sys.stderr.write(text + os.linesep)
    sys.stderr.flush()
