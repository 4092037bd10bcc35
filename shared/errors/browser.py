"""Errors of the browser on the worker's machine or on another one."""

from shared.errors.effect import Effect
from shared.errors.tree import Permanent, Transient
from shared.messages import Message


class BrowserFailed(Transient):
    code = "browser_failed"
    sentence = Message("The browser stopped in the middle of the work.")
    next_step = Message("Rollcall starts it again by itself.")


class BrowserAway(BrowserFailed):
    """A browser on another machine is not reachable now; `reason` and `mend` are for the operator."""

    code = "browser_away"
    sentence = Message("The remote browser is not reachable.")
    next_step = Message("Rollcall tries again by itself. `rollcall doctor` tells the operator the reason.")

    def __init__(self, reason: str, mend: str) -> None:
        self.reason, self.mend = reason, mend
        super().__init__()


class BrowserMissing(Permanent):
    code = "browser_missing"
    sentence = Message("No browser was found on the worker's machine.")
    effect = Effect(spares_password=True)
    next_step = Message(
        "Run `playwright install chromium`, or install your system's chromium package, "
        "or set BROWSER_PATH to a Chromium or Chrome, then connect again."
    )


class DriverBroken(BrowserMissing):
    """The driver of the browser does not run; `said` is the driver's own sentence."""

    next_step = Message("Install what it names (on Debian: `apt-get install libatomic1`), then connect again.")

    def __init__(self, said: str) -> None:
        super().__init__(Message("The browser driver does not run on the worker's machine: %(said)s", said=said))


class SandboxUnusable(BrowserMissing):
    sentence = Message("The browser did not start, because its own sandbox does not work on the worker's machine.")
    next_step = Message(
        "Allow unprivileged user namespaces there, or, in a container that shuts the browser in by itself, set "
        "BROWSER_SANDBOX=false. Then connect again."
    )
