"""Lighthouse on the pages as a phone loads them: performance, accessibility and best practices, none below 95.

Runs the product on the sandbox, with some days of history, unless it is given the address of one that runs. Needs Node
and Lighthouse; nothing of either is part of Rollcall, and `bin/test` does not run this.
"""

import argparse
import getpass
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urljoin, urlsplit

from cli.demo import stage
from sandbox.demo.outside import instagram_alone
from sandbox.demo.person import Person, browser
from sandbox.demo.truth import World
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config, start
from sandbox.world.world import WorldConfig
from worker.browser import switches
from worker.browser.driver import playwrights_own
from worker.browser.find import find, is_root

MARK = 95
CATEGORIES = ("performance", "accessibility", "best-practices")
SIGNED_OUT = {"landing": "/", "sign-in": "/login"}
SIGNED_IN = {
    "overview": "/profiles/{profile}",
    "followers": "/profiles/{profile}/followers",
    "content": "/profiles/{profile}/content",
}
_MISSING = (
    "{what} is not on this machine. Install Node and Lighthouse (`npm install --global lighthouse`), "
    "or name the program by --lighthouse."
)
_SECONDS = 300
_TRIES = 3
_EMAIL, _PASSWORD = "bench@example.org", "four words for measuring"

Run = Callable[[str, Path | None], dict[str, Any]]
"""(an address, a file of headers) -> Lighthouse's report."""


class ReportUnusable(Exception):
    """A report tells nothing of the page that was asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A running Rollcall, one profile of it, and the header that carries a session there."""

    address: str
    profile: str
    cookie: str


def program(
    named: str | None = None,
    *,
    which: Callable[[str], str | None] = shutil.which,
    runs: Callable[[Sequence[str]], bool] | None = None,
) -> list[str]:
    """The command that starts Lighthouse; ends with one sentence where Node or Lighthouse is missing."""
    if which("node") is None:
        raise SystemExit(_MISSING.format(what="Node"))
    found = which(named or "lighthouse")
    if found is not None:
        return [found]
    # npx runs what a folder's node_modules hold; --no keeps it from fetching anything.
    through_npx = ["npx", "--no", "--", "lighthouse"]
    if named is None and which("npx") is not None and (runs or _runs)([*through_npx, "--version"]):
        return through_npx
    raise SystemExit(_MISSING.format(what=f"Lighthouse ({named})" if named else "Lighthouse"))


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def scores(report: Mapping[str, Any], asked: str) -> dict[str, float]:
    """Each category's score of 100, and the two times that weigh most, in milliseconds.

    Raises ReportUnusable where Lighthouse failed, left a category out, or was led to another page.
    """
    if report.get("runtimeError"):
        raise ReportUnusable(f"{asked}: {report['runtimeError'].get('message')}")
    shown = urlsplit(str(report.get("finalDisplayedUrl"))).path
    if shown != urlsplit(asked).path:
        raise ReportUnusable(f"{asked} led to {shown}")
    found = {name: report["categories"].get(name, {}).get("score") for name in CATEGORIES}
    left_out = [name for name, score in found.items() if score is None]
    if left_out:
        raise ReportUnusable(f"{asked}: no score for {', '.join(left_out)}")
    times = {"lcp_ms": "largest-contentful-paint", "tbt_ms": "total-blocking-time"}
    marks = {name: round(score * 100) for name, score in found.items()}
    return marks | {name: round(report["audits"][audit]["numericValue"]) for name, audit in times.items()}


def faults(report: Mapping[str, Any]) -> list[str]:
    """The audits that take something from a score, heaviest first, as `name (what was seen)`."""
    lost: dict[str, float] = {}
    for name in CATEGORIES:
        for ref in report["categories"][name]["auditRefs"]:
            score = report["audits"][ref["id"]].get("score")
            if ref.get("weight") and score is not None and score < 1:
                lost[ref["id"]] = ref["weight"] * (1 - score)
    seen = {one: report["audits"][one].get("displayValue", "") for one in lost}
    return [f"{one} ({seen[one]})" if seen[one] else one for one in sorted(lost, key=lambda each: -lost[each])]


def measure(run: Run, at: Signed, headers: Path, times: int) -> dict[str, dict[str, Any]]:
    """The median of `times` reports of each page, and what the last report of a page below the mark lacks."""
    places: dict[str, tuple[str, Path | None]] = {name: (path, None) for name, path in SIGNED_OUT.items()}
    places |= {name: (path.format(profile=at.profile), headers) for name, path in SIGNED_IN.items()}
    pages: dict[str, dict[str, Any]] = {}
    for name, (path, of_person) in places.items():
        address = urljoin(at.address, path)
        reports = [_usable(run, address, of_person) for _ in range(times)]
        each = [scores(report, address) for report in reports]
        pages[name] = {key: median(one[key] for one in each) for key in each[0]}
        if below({name: pages[name]}):
            pages[name]["lacks"] = faults(reports[-1])
        print(f"{name}: {pages[name]}", file=sys.stderr, flush=True)
    return pages


def _usable(run: Run, address: str, headers: Path | None) -> dict[str, Any]:
    """A report, asked for anew where the browser recorded nothing, as it does at times on a busy machine."""
    for _ in range(_TRIES - 1):
        report = run(address, headers)
        if not report.get("runtimeError"):
            return report
    return run(address, headers)


def below(pages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Each page and category below the mark."""
    return [f"{page} {name}" for page, marks in pages.items() for name in CATEGORIES if marks[name] < MARK]


def main(argv: Sequence[str]) -> None:
    """Prints one JSON line; exits with 1 where a page is below the mark."""
    parser = argparse.ArgumentParser(prog="python -m bench lighthouse")
    parser.add_argument("--times", type=int, default=5, help="reports of each page; the median counts")
    parser.add_argument("--days", type=int, default=12, help="days of history that are made first")
    parser.add_argument("--lighthouse", help="the program, where it is not found by its name")
    parser.add_argument("--address", help="a Rollcall that runs; asks for the password of --email")
    parser.add_argument("--email", default=_EMAIL)
    parser.add_argument("--profile", help="the id of that person's profile")
    options = parser.parse_args(argv)
    if options.address and not options.profile:
        parser.error("--address needs --profile")
    command = program(options.lighthouse)
    given = (options.address, options.profile, options.email)
    opened = _running_at(*given) if options.address else _sandboxed(options.days)
    with opened as at, tempfile.TemporaryDirectory() as name:
        headers = Path(name) / "headers.json"
        headers.write_text(json.dumps({"Cookie": at.cookie}), encoding="utf-8")
        pages = measure(_reports(command, Path(name)), at, headers, options.times)
    lacking = below(pages)
    marks = {"bench": "lighthouse", "times": options.times, "pages": pages, "mark": MARK, "below": lacking}
    print(json.dumps({**marks, "mark_met": not lacking}))
    sys.exit(1 if lacking else 0)


def _reports(command: Sequence[str], folder: Path) -> Run:
    """A run of Lighthouse as a phone, in a browser of its own with the usual slow network and processor."""
    flags = ["--headless=new", *(["--no-sandbox"] if is_root() else [])]
    chrome = {"CHROME_PATH": str(find(None, playwrights_own()))}

    def run(address: str, headers: Path | None) -> dict[str, Any]:
        target = folder / "report.json"
        target.unlink(missing_ok=True)
        asked = [address, "--quiet", "--output=json", f"--output-path={target}", f"--chrome-flags={' '.join(flags)}"]
        asked += [f"--only-categories={','.join(CATEGORIES)}", *([f"--extra-headers={headers}"] if headers else [])]
        ended = subprocess.run(
            [*command, *asked], env={**os.environ, **chrome}, capture_output=True, timeout=_SECONDS, check=False
        )
        if not target.exists():
            raise SystemExit(f"Lighthouse wrote no report:\n{ended.stderr.decode(errors='replace')[-2000:]}")
        report: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
        return report

    return run


@contextmanager
def _sandboxed(days: int) -> Iterator[Signed]:
    """A Rollcall with `days` of history, read from the sandbox through its own pages."""
    running = start(Config(WorldConfig(), TwoFactor.NONE))
    folder = Path(tempfile.mkdtemp(prefix="rl"))
    try:
        with stage(instagram_alone(running.url), folder / "data", folder / "log") as ready:
            with browser(ready.browser, ready.switches, as_root=ready.as_root) as page:
                person, login = Person(page, ready.address), running.credentials
                person.sign_up(_EMAIL, _PASSWORD)
                profile = person.connect(login.username, login.password, None)
                _live_through(person, World(running.url, login.username), profile, days)
                at = Signed(ready.address, profile, _cookie(person))
            yield at
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _live_through(person: Person, world: World, profile: str, days: int) -> None:
    person.sync(profile)
    for _ in range(days):
        world.advance(days=1)
        person.sync(profile)
    person.read_likers(profile)


@contextmanager
def _running_at(address: str, profile: str, email: str) -> Iterator[Signed]:
    with browser(find(None, playwrights_own()), switches.LOCAL, as_root=is_root()) as page:
        page.goto(urljoin(address, "/login"))
        page.get_by_label("E-mail", exact=True).fill(email)
        page.get_by_label("Password", exact=True).fill(getpass.getpass(f"Password of {email}: "))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login" not in url)
        at = Signed(address, profile, _cookie(Person(page, address)))
    yield at


def _cookie(person: Person) -> str:
    """The Cookie header of a person who is signed in."""
    jar = person.page.context.cookies(person.base)
    return "; ".join(f"{each['name']}={each['value']}" for each in jar)
