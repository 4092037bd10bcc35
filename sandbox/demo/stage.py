"""The two demos: `--once` (run and verify) and the default (build a history, keep serving)."""

import json
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from playwright.sync_api import Error as PlaywrightError

from sandbox.demo import channel, clips, history, official
from sandbox.demo.once import Worlds, whole_job
from sandbox.demo.outside import Addresses, Outside, serving, this_hour
from sandbox.demo.person import DemoFailed, Person, browser
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config, Credentials
from sandbox.world.world import DEFAULT_START, WorldConfig


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of the demo. `days` is the length of the history; `--once` has its own seven days."""

    once: bool
    days: int
    followers: int
    following: int
    posts: int
    seed: int
    two_factor: str

    def begins(self) -> datetime:
        """The start of the calendar: fixed for --once, else so that the history ends about now."""
        if self.once:
            return DEFAULT_START
        return this_hour() - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running Rollcall: where its pages are, the browser of this machine with its switches, and how to keep it going.

    `mailed` gives the link in the newest mail to an address, where accounts are confirmed by mail.
    """

    address: str
    browser: Path | None
    as_root: bool
    switches: Sequence[str]
    keep_going: Callable[[], None]
    mailed: Callable[[str], str] | None = None


OpenStage = Callable[[Addresses, Path, Path], AbstractContextManager[Stage]]
"""(where the stand-ins are, a data folder, a file for the log) -> a running Rollcall."""


@dataclass
class _Interruption:
    """SIGINT and SIGTERM end the demo; `came` tells an end that was wished from a fault that it brings about.

    Playwright may swallow an exception that a signal raises in the middle of a call. While a browser is driven, the
    signal is therefore only noted, and `check` raises between two calls.
    """

    came: bool = False
    _drives_a_browser: bool = False

    def listen(self) -> None:
        """Takes both signals over, in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def _end(self, number: int, frame: FrameType | None) -> None:
        if self.came:
            # A second Ctrl-C would leave the database behind.
            return
        self.came = True
        # Ctrl-C reaches the browser's driver too, and what was asked of it last has no answer then.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        if not self._drives_a_browser:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raises KeyboardInterrupt where a signal came."""
        if self.came:
            raise KeyboardInterrupt

    @contextmanager
    def while_driving(self) -> Iterator[None]:
        """A block that drives a browser and calls `check` between two calls."""
        self._drives_a_browser = True
        try:
            yield
        finally:
            self._drives_a_browser = False
        self.check()


def perform(plan: Plan, open_stage: OpenStage) -> int:
    """Runs the plan and returns the exit code; errors are printed on stderr with the end of the log."""
    interruption = _Interruption()
    interruption.listen()
    world = WorldConfig(plan.seed, plan.followers, plan.following, plan.posts, start=plan.begins())
    config = Config(world, TwoFactor(plan.two_factor))
    with serving(config, one_calendar=not plan.once) as outside, _folder() as folder:
        log = folder / "demo.log"
        try:
            with open_stage(outside.addresses(), folder / "data", log) as stage:
                outside.admit(stage.address)
                play = _once if plan.once else _history
                return play(plan, stage, outside, folder, interruption)
        except (DemoFailed, PlaywrightError) as error:
            if interruption.came:
                return _stopped(plan)
            _say(f"The demo failed: {error}")
            _say("The last lines of the log:\n" + _tail(log))
            return 1
        except KeyboardInterrupt:
            return _stopped(plan)


def _stopped(plan: Plan) -> int:
    _say("\nStopped.")
    return 130 if plan.once else 0


def _once(plan: Plan, stage: Stage, outside: Outside, folder: Path, interruption: _Interruption) -> int:
    with interruption.while_driving(), browser(stage.browser, stage.switches, as_root=stage.as_root) as page:
        person = Person(page, stage.address, interruption.check)
        login = outside.instagram.credentials.as_json()
        worlds = Worlds(outside.world(), outside.channel(), outside.official(), outside.clips())
        outcome = whole_job(person, worlds, login, folder, stage.mailed)
    print(json.dumps(outcome.as_json()), flush=True)  # noqa: T201
    return 1 if outcome.differences else 0


def _history(plan: Plan, stage: Stage, outside: Outside, folder: Path, interruption: _Interruption) -> int:
    email, password = "demo@example.org", secrets.token_urlsafe(9)
    world, login, begun = outside.world(), outside.instagram.credentials, time.monotonic()
    with interruption.while_driving(), browser(stage.browser, stage.switches, as_root=stage.as_root) as page:
        person = Person(page, stage.address, interruption.check)
        person.sign_up(email, password, stage.mailed)
        _say(f"Rollcall is at {stage.address}\nsign in:     {email}  {password}\n")
        _say(f"Making {plan.days} days of history through its pages; look around meanwhile.")

        def connect() -> str:
            return person.connect(login.username, login.password, None if plan.two_factor == "none" else world.code)

        profile = connect()
        eventful = history.large_enough(plan.days, plan.followers, plan.posts)
        history.make(person, world, profile, plan.days, connect, eventful=eventful)
        if eventful:
            history.require_all(person, profile)
        official.join(person, profile)
        others = {"YouTube": channel.connect(person), "TikTok": clips.connect(person)}
    _say(_words(stage, login, email, password, profile, others))
    _say(f"Ready after {time.monotonic() - begun:.0f} seconds. Stop with Ctrl-C; nothing is kept.")
    stage.keep_going()
    return 0


def _words(stage: Stage, login: Credentials, email: str, password: str, profile: str, others: Mapping[str, str]) -> str:
    return f"""
Rollcall:    {stage.address}/profiles/{profile}
YouTube:     {stage.address}/profiles/{others["YouTube"]}
TikTok:      {stage.address}/profiles/{others["TikTok"]}
sign in:     {email}  {password}

The sandbox's Instagram account, to connect once more from an account of your own (sign up for one):
  username:  {login.username}
  password:  {login.password}
  phone:     {login.phone_url}   (shows the security codes it was sent)
  authenticator secret: {login.totp_secret or "none; the code comes by SMS"}
The sandbox's YouTube channel and TikTok account need no password: press "Connect with …" and choose.

Let another day pass:  curl -X POST {login.url}/_sandbox/advance -H 'Content-Type: application/json' -d '{{"days": 1}}'
then press "Sync now"."""


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
