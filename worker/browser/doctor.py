"""What `rollcall doctor` says of the browser: which one the worker will use."""

import asyncio

from shared.doctor import Check
from shared.errors import BrowserAway
from shared.settings import Settings, load
from worker.browser.driver import playwrights_own
from worker.browser.find import find
from worker.browser.start import try_endpoint


def browser(settings: Settings | None = None) -> Check:
    """The browser that will be used; one elsewhere is connected to once. Raises BrowserMissing where there is none."""
    given = settings or load()
    if given.browser_endpoint is None:
        return Check("browser", True, str(find(given.browser_path, playwrights_own())))
    try:
        return Check("browser", True, asyncio.run(try_endpoint(given, given.browser_endpoint)))
    except BrowserAway as away:
        return Check("browser", False, away.reason, away.mend)
