"""Finds a Chromium on this machine, or installs one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from shared.environment import needed_variables
from shared.errors import BrowserMissing, DriverBroken
from worker.browser.driver import complaint, playwrights_own

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
# The same Chromium built without windows: a page in it takes a third of the processor time.
_WINDOWLESS = ("chromium-headless-shell", "chrome-headless-shell")
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_INSTALL_SECONDS = 900
_APT_INSTALL = ("apt-get", "install", "-q", "-y", "--no-install-recommends")
_PACKAGES = ("chromium", "libatomic1")


def find(
    configured: Path | None,
    bundled: Path | None,
    *,
    headless: bool = True,
    which: Callable[[str], str | None] = shutil.which,
    is_there: Callable[[Path], bool] = Path.is_file,
) -> Path:
    """The browser to use: the configured one, else Playwright's own, else the system's.

    Where no window is needed (`headless`), the system's headless shell comes before its other browsers. Raises
    BrowserMissing with sentences that name every way to get one.
    """
    if configured is not None:
        if is_there(configured):
            return configured
        raise BrowserMissing().as_variant("path", path=str(configured))
    for path in (bundled, *_on_system(which, headless)):
        if path is not None and is_there(path):
            return path
    raise BrowserMissing


def install() -> Path:
    """Installs a Chromium where `find` looks and returns its path; raises BrowserMissing when no way worked.

    Tries Playwright's download, then, as root on a Debian, the distribution's package and the driver's libraries.
    Raises DriverBroken where the driver itself does not run.
    """
    for attempt in _ways():
        if all(_runs(command) for command in attempt):
            try:
                return find(None, playwrights_own())
            except BrowserMissing:
                continue
    if (said := complaint()) is not None:
        raise DriverBroken(said)
    raise BrowserMissing


def is_root() -> bool:
    """Whether Chromium would refuse its own sandbox because this process is root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _ways() -> Iterator[list[list[str]]]:
    yield [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if is_root() and shutil.which("apt-get"):
        yield [["apt-get", "update", "-q"], [*_APT_INSTALL, *_PACKAGES]]


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, check=False, timeout=_INSTALL_SECONDS, env=needed_variables()).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _on_system(which: Callable[[str], str | None], headless: bool) -> Iterator[Path]:
    for name in (*_WINDOWLESS, *_NAMES) if headless else _NAMES:
        if found := which(name):
            yield Path(found)
    yield from map(Path, _MAC)
    for root in filter(None, map(os.environ.get, _WINDOWS_ROOTS)):
        yield from (Path(root) / end for end in _WINDOWS)
