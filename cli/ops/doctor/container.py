"""Container checks of `rollcall doctor --hosted`: room for the browser, time to stop, the way to the web."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from cli.ops.doctor.check import Check, leave_out, wrong
from shared.settings import Settings

_MB = 1024**2
# The worker with an empty Chromium, and the addition of each job's page: measured on the stand-in, rounded up.
_ALONE_MB, _JOB_MB = 450, 150
# Chromium is started with --disable-dev-shm-usage, so this is where its pages share memory.
_SCRATCH_MB = 256
_CGROUP = Path("/sys/fs/cgroup")
_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")
_DRAINING = "RAILWAY_DEPLOYMENT_DRAINING_SECONDS"
_ON_RAILWAY = "RAILWAY_ENVIRONMENT_ID"


def checks(settings: Settings) -> dict[str, Callable[[], Check]]:
    """The checks for this process: its keys show whether it is the worker or the web."""
    of_worker: dict[str, Callable[[], Check]] = {
        "browser memory": lambda: browser_memory(settings),
        "browser scratch": lambda: browser_scratch(Path(tempfile.gettempdir())),
        "time to stop": lambda: time_to_stop(settings, os.environ),
    }
    of_web: dict[str, Callable[[], Check]] = {
        "address": lambda: address(settings),
        "listening": lambda: listening(settings),
        "proxies": lambda: proxies(settings),
    }
    is_web = settings.sealing_key is not None or settings.secret_key is not None
    if settings.worker_keys is not None:
        return of_worker | (of_web if is_web else {})
    return of_web if is_web else of_worker | of_web


def browser_memory(settings: Settings, cgroup: Path = _CGROUP) -> Check:
    """Whether the container's memory holds a browser with as many pages as the worker runs jobs."""
    room, jobs = _memory(cgroup) // _MB, settings.worker_concurrency
    needed = _ALONE_MB + _JOB_MB * jobs
    says = f"{room} MB here; {jobs} jobs at once need about {needed} MB"
    if room >= needed:
        return Check("browser memory", True, says)
    fits = (room - _ALONE_MB) // _JOB_MB
    less = f", or set WORKER_CONCURRENCY={fits}" if fits >= 1 else ""
    return wrong("browser memory", says, f"Give the worker {needed} MB{less}.")


def browser_scratch(folder: Path) -> Check:
    """Whether the browser's pages have room for shared memory; /dev/shm is not used, however small it is."""
    free = shutil.disk_usage(folder).free // _MB
    ok = free >= _SCRATCH_MB and os.access(folder, os.W_OK)
    mend = "" if ok else f"Give {folder} {_SCRATCH_MB} MB that the worker may write, or set TMPDIR to such a folder."
    return Check("browser scratch", ok, f"{folder} has {free} MB free", mend, wrong=True)


def time_to_stop(settings: Settings, environ: Mapping[str, str]) -> Check:
    """Whether Railway waits for a stopping worker; by default it kills at once."""
    if _ON_RAILWAY not in environ:
        return leave_out("time to stop", "not on Railway; give it WORKER_DRAIN_SECONDS and as much again")
    drain = settings.worker_drain.total_seconds()
    given, needed = environ.get(_DRAINING, "0").strip(), int(2 * drain)
    enough = given.isdigit() and int(given) >= needed
    mend = "" if enough else f"Set {_DRAINING}={max(needed, 60)} for the worker and deploy it again."
    return Check(
        "time to stop", enough, f"killed {given or '0'} s after it is told to stop; it needs {needed}", mend, wrong=True
    )


def address(settings: Settings) -> Check:
    """Whether the web knows the address that people open, and whether that address is safe."""
    if settings.public_url is None:
        return Check("address", False, "PUBLIC_URL is not set", "Set it to the address that people open.")
    if urlsplit(settings.public_url).scheme != "https":
        return wrong(
            "address",
            f"{settings.public_url} is not https: passwords and sessions cross the network in the open",
            "Open it over https and set PUBLIC_URL to that address.",
        )
    return Check("address", True, settings.public_url)


def listening(settings: Settings) -> Check:
    """Whether the web can be reached from outside its container."""
    where = f"HOST={settings.host} PORT={settings.port}"
    if _is_loopback(settings.host):
        return wrong("listening", f"{where} is reached from inside only", "Set HOST=0.0.0.0.")
    return Check("listening", True, where)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def proxies(settings: Settings) -> Check:
    """Whether the web learns the caller's address, where a proxy ends https in front of it."""
    if settings.trusted_proxies or not (settings.public_url or "").startswith("https://"):
        return Check("proxies", True, f"TRUSTED_PROXIES={settings.trusted_proxies}")
    return wrong(
        "proxies",
        "everybody seems to come from the proxy's address, so one person's wrong passwords slow all down",
        "Set TRUSTED_PROXIES to the number of proxies in front: 1 on Railway.",
    )


def _memory(cgroup: Path) -> int:
    """The container's limit in bytes, else the machine's memory; version 1 writes an absurd number for no limit."""
    whole = psutil.virtual_memory().total
    for name in _LIMITS:
        try:
            text = (cgroup / name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            return min(int(text), whole)
    return whole
