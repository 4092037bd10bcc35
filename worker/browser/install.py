"""`python -m worker.browser.install`: provides a browser for the setup scripts."""

import sys

from shared.errors import BrowserMissing, RollcallError
from shared.settings import load
from worker.browser.driver import playwrights_own
from worker.browser.find import find, install


def ensure() -> None:
    """Installs a browser unless one is found or a remote one is used; raises BrowserMissing when that fails."""
    settings = load()
    configured = settings.browser_path
    if settings.browser_endpoint is not None:
        return
    try:
        find(configured, None, headless=settings.browser_headless)
    except BrowserMissing:
        try:
            find(configured, playwrights_own(), headless=settings.browser_headless)
        except BrowserMissing:
            sys.stderr.write("Installing a browser ...\n")
            install()


def main() -> int:
    """The exit code; missing parts are named on stderr."""
    try:
        ensure()
    except RollcallError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
