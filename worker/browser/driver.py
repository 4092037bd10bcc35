"""Starts Playwright's driver, a program of its own that may lack a library on a bare system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.async_api import Playwright, async_playwright
from playwright.sync_api import sync_playwright

from shared.environment import needed_variables, only_needed_variables
from shared.errors import DriverBroken
from worker.threads import in_thread

_SECONDS = 60


async def start() -> Playwright:
    """Starts the driver. Raises DriverBroken, in the driver's own words, where it does not run."""
    try:
        with only_needed_variables():
            return await async_playwright().start()
    except Exception as error:
        # Playwright has no class of its own for a driver that ends at once.
        said = await in_thread(complaint)
        if said is None:
            raise
        raise DriverBroken(said) from error


def playwrights_own() -> Path:
    """The path of Playwright's own Chromium, installed or not; raises DriverBroken.

    Starts the driver for a moment; not inside an event loop.
    """
    try:
        with only_needed_variables(), sync_playwright() as playwright:
            return Path(playwright.chromium.executable_path)
    except Exception as error:
        said = complaint()
        if said is None:
            raise
        raise DriverBroken(said) from error


def complaint() -> str | None:
    """The driver's error when asked for its version; None where it answers."""
    asked = [sys.executable, "-m", "playwright", "--version"]
    try:
        ran = subprocess.run(
            asked, capture_output=True, text=True, check=False, timeout=_SECONDS, env=needed_variables()
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if ran.returncode == 0:
        return None
    lines = ran.stderr.strip().splitlines()
    return lines[-1] if lines else f"it ended with {ran.returncode}"
