"""The browser check of `rollcall doctor`: the browser that the worker will use, and whether it runs."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

from cli.ops.doctor.check import Check, wrong
from shared.environment import needed_variables
from shared.errors import BrowserAway
from shared.settings import Settings, load
from worker.browser.driver import playwrights_own
from worker.browser.find import find
from worker.browser.start import try_endpoint

_SECONDS = 60
_ITSELF = re.compile(r"chrom|edge", re.I)


def browser(settings: Settings | None = None) -> Check:
    """Checks the version of the browser that will be used; connects to a remote one once.

    Raises BrowserMissing where there is none.
    """
    given = settings or load()
    if given.browser_endpoint is None:
        return _here(find(given.browser_path, playwrights_own(), headless=given.browser_headless))
    try:
        return Check("browser", True, asyncio.run(try_endpoint(given, given.browser_endpoint)))
    except BrowserAway as away:
        return wrong("browser", away.reason, away.mend)


def _here(path: Path) -> Check:
    said = _version(path)
    if said is None:
        return wrong("browser", f"{path} does not run as a Chromium", "Set BROWSER_PATH to a Chromium or Chrome.")
    return Check("browser", True, f"{path} runs: {said}; no page was opened")


def _version(path: Path) -> str | None:
    """The browser's own version; None where it does not run, or cannot be used."""
    try:
        ran = subprocess.run(
            [str(path), "--version"],
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=needed_variables(),
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = [line.strip() for line in ran.stdout.decode("utf-8", "replace").splitlines()]
    found = [line for line in lines if _ITSELF.search(line) and any(sign.isdigit() for sign in line)]
    return found[-1][:80] if ran.returncode == 0 and found else None
