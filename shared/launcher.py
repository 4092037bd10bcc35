"""Runs the parts of Rollcall on one machine: the database, the keys, and the children that use them."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from shared import environment, logs
from shared.db import roles
from shared.db.embedded import embedded
from shared.db.migrate import migrate
from shared.db.poolers import require_sessions
from shared.errors import ConfigError
from shared.folders import make_private, private_folder
from shared.settings import Settings
from shared.vault import keyfiles

FRONT_DOOR = Path(__file__).resolve().parents[1] / "rollcall.py"
_log = logs.get("launcher")


@dataclass(frozen=True, slots=True)
class House:
    """A ready database and the environments of the processes that use it; each holds only its own secrets."""

    owner_url: str = field(repr=False)
    web_env: Mapping[str, str] = field(repr=False)
    worker_env: Mapping[str, str] = field(repr=False)


@contextmanager
def house(settings: Settings) -> Iterator[House]:
    """Starts the embedded database (or takes DATABASE_URL), migrates it, and makes roles and keys that are missing."""
    make_private(settings.data_dir)
    with ExitStack() as stack:
        own = settings.database_url is None
        url = settings.database_url or stack.enter_context(embedded(settings.data_dir))
        if not own:
            require_sessions(url, "`rollcall up`")
        for version in migrate(url):
            _log.info("migration_applied", version=version)
        words = {} if own else _passwords(settings.data_dir)
        ring = keyfiles.load_or_create(settings.data_dir, datetime.now(UTC))
        common = {"ROLLCALL_DATA_DIR": str(settings.data_dir)}
        legacy = settings.supabase_jwt_secret
        yield House(
            owner_url=url,
            web_env={
                **common,
                "DATABASE_URL": roles.allow_login(url, roles.WEB, words.get(roles.WEB)),
                "SEALING_KEY": ring.sealing_key.to_text(),
                "SECRET_KEY": settings.secret_key or _kept_secret(settings.data_dir / "keys" / "web-secret.txt"),
                **({"SUPABASE_JWT_SECRET": legacy} if legacy else {}),
            },
            worker_env={
                **common,
                **_next_port(settings),
                **_mail(settings),
                "DATABASE_URL": roles.allow_login(url, roles.WORKER, words.get(roles.WORKER)),
                **({"SUPABASE_SECRET_KEY": settings.supabase_secret_key} if settings.supabase_secret_key else {}),
                **({"BROWSER_ENDPOINT": settings.browser_endpoint} if settings.browser_endpoint else {}),
            },
        )


def _next_port(settings: Settings) -> dict[str, str]:
    """Two processes of one machine cannot listen on the same METRICS_PORT."""
    if settings.metrics_port is None:
        return {}
    return {"METRICS_PORT": str(settings.metrics_port + 1), "METRICS_PORT_FILE": ""}


def _mail(settings: Settings) -> dict[str, str]:
    """How mail is sent is the worker's to know, and nobody else's."""
    known = {"SMTP_URL": settings.smtp_url, "MAIL_API_KEY": settings.mail_api_key}
    return {name: value for name, value in known.items() if value is not None}


def _passwords(data_dir: Path) -> dict[str, str]:
    """Passwords of the two roles on a database that is not ours, kept so that every start uses the same ones."""
    text = _kept_secret(
        data_dir / "keys" / "database-passwords.json",
        json.dumps({role: roles.new_password() for role in (roles.WEB, roles.WORKER)}),
    )
    known: dict[str, str] = json.loads(text)
    return known


def _kept_secret(path: Path, fresh: str | None = None) -> str:
    private_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(fresh or secrets.token_hex(32))
    return path.read_text(encoding="utf-8").strip()


@dataclass
class Child:
    """One process of ours. `restarts` counts unexpected ends in a row."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    output: IO[bytes] | None = None
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0

    def start(self) -> None:
        """Starts it in a session of its own, so that Ctrl-C reaches the launcher alone and the end stays orderly."""
        # A secret given to the launcher does not reach a child that has no use for it, whatever its name.
        base = environment.needed() | environment.public_settings(_PRIVATE)
        self.process = subprocess.Popen(
            self.command, env={**base, **self.env}, start_new_session=True, stdout=self.output, stderr=self.output
        )

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


_PRIVATE = frozenset(
    {
        "DATABASE_URL",
        "SECRET_KEY",
        "WORKER_KEYS",
        "SEALING_KEY",
        "SUPABASE_SECRET_KEY",
        "SUPABASE_JWT_SECRET",
        "BROWSER_ENDPOINT",
        "SMTP_URL",
        "MAIL_API_KEY",
    }
)


def part(name: str, env: Mapping[str, str], *arguments: str, output: IO[bytes] | None = None) -> Child:
    """A child that runs `rollcall NAME`."""
    return Child(name, [sys.executable, str(FRONT_DOOR), name, *arguments], env, output)


@contextmanager
def running(children: Sequence[Child], grace: float) -> Iterator[None]:
    """Starts the children in order and stops them in reverse; who has not ended after `grace` seconds is killed."""
    started: list[Child] = []
    try:
        for child in children:
            child.start()
            started.append(child)
        yield
    finally:
        stop(reversed(started), grace)


def stop(children: Iterator[Child], grace: float) -> None:
    """Asks all to end at once, then waits for each."""
    processes = [(c.name, c.process) for c in children if c.process is not None]
    for _, process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + grace
    for name, process in processes:
        try:
            process.wait(timeout=max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            _log.warning("child_killed", child=name)
            process.kill()
            process.wait()


def supervise(children: Sequence[Child], most_restarts: int = 5) -> None:
    """Starts again who ends unasked, ever more slowly, until interrupted; ConfigError when one does not stay up."""
    since = {c.name: time.monotonic() for c in children}
    while True:
        for child in children:
            if not child.ended():
                continue
            if time.monotonic() - since[child.name] > 60:
                child.restarts = 0
            child.restarts += 1
            if child.restarts > most_restarts:
                raise ConfigError(f"The {child.name} process does not stay up; the lines above say why.")
            _log.warning("child_ended", child=child.name, restarts=child.restarts)
            time.sleep(min(0.5 * 2**child.restarts, 15))
            child.start()
            since[child.name] = time.monotonic()
        time.sleep(0.5)


def free_port(wished: int) -> int:
    """`wished` if nobody listens there, else one that the system chooses."""
    for number in (wished, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise ConfigError("This machine has no free port.")


def wait_until_up(url: str, child: Child, seconds: float = 60) -> None:
    """Returns once `url` answers 200; raises ConfigError when the child ends or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.ended():
            raise ConfigError(f"The {child.name} process ended at once; the lines above say why.")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise ConfigError(f"The {child.name} process did not answer within {seconds:g} seconds at {url}.")
