"""`python -m worker.browser.install`: makes sure that a browser is there, as the setup scripts want it."""

import sys

from shared.errors import BrowserMissing, RollcallError
from shared.settings import load
from worker.browser.driver import playwrights_own
from worker.browser.find import find, install


def ensure() -> None:
    """Returns at once where a browser is found or one elsewhere is used, else installs one; else BrowserMissing."""
    settings = load()
    configured = settings.browser_path
    if settings.browser_endpoint is not None:
        return
    try:
        find(configured, None)
    except BrowserMissing:
        try:
            find(configured, playwrights_own())
        except BrowserMissing:
            sys.stderr.write("Installing a browser ...\n")
            install()


def main() -> int:
    """The exit code; what is missing is told on stderr."""
    try:
        ensure()
    except RollcallError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
