"""Errors of the browser on the worker's machine or on another one."""

from shared.errors.effect import Effect
from shared.errors.tree import Permanent, Transient


class BrowserFailed(Transient):
    code = "browser_failed"
    sentence = "The browser stopped in the middle of the work."
    next_step = "Rollcall starts it again by itself."


class BrowserAway(BrowserFailed):
    """A browser on another machine cannot be had now; `reason` and `mend` are for whoever runs Rollcall."""

    code = "browser_away"
    sentence = "The browser that Rollcall uses on another machine cannot be had."
    next_step = "Rollcall tries again by itself; whoever runs it is told the reason by `rollcall doctor`."

    def __init__(self, reason: str, mend: str) -> None:
        self.reason, self.mend = reason, mend
        super().__init__()


class BrowserMissing(Permanent):
    code = "browser_missing"
    sentence = "No browser was found on the worker's machine."
    effect = Effect(spares_password=True)
    next_step = (
        "Run `playwright install chromium`, or install your system's chromium package, "
        "or set BROWSER_PATH to a Chromium or Chrome, then connect again."
    )


class DriverBroken(BrowserMissing):
    """What drives the browser does not run; `said` is its own sentence."""

    next_step = "Install what it names (on Debian: `apt-get install libatomic1`), then connect again."

    def __init__(self, said: str) -> None:
        super().__init__(f"What drives the browser does not run on the worker's machine: {said}")


class SandboxUnusable(BrowserMissing):
    sentence = "The browser did not start, because its own sandbox does not work on the worker's machine."
    next_step = (
        "Allow unprivileged user namespaces there, or, in a container that shuts the browser in by itself, set "
        "BROWSER_SANDBOX=false. Then connect again."
    )
