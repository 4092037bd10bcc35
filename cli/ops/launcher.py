"""Runs Rollcall's processes on one machine: the database, the keys, and the children that use them."""

import errno
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cli.ops.local_http import fetch
from shared import environment, logs
from shared.db import roles
from shared.db.embedded import embedded_server
from shared.db.migrate import migrate
from shared.db.poolers import require_sessions
from shared.errors import ConfigError, PortTaken
from shared.folders import make_private
from shared.installation import secret_path
from shared.secret_file import kept_secret
from shared.settings import Settings
from shared.vault import keyfiles

FRONT_DOOR = Path(__file__).resolve().parents[2] / "rollcall.py"
START = "ROLLCALL_START"
_log = logs.get("launcher")


@dataclass(frozen=True, slots=True)
class House:
    """A ready database and the environments of the processes that use it; each holds only its own secrets."""

    owner_url: str = field(repr=False)
    web_env: Mapping[str, str] = field(repr=False)
    worker_env: Mapping[str, str] = field(repr=False)
    keep: Callable[[], object] = field(repr=False, default=lambda: None)


@contextmanager
def house(settings: Settings) -> Iterator[House]:
    """Starts the embedded database (or takes DATABASE_URL), migrates it, and makes missing roles and keys."""
    make_private(settings.data_dir)
    with ExitStack() as stack:
        own = settings.database_url is None
        server = stack.enter_context(embedded_server(settings.data_dir)) if own else None
        url = server.url if server else settings.database_url or ""
        if not own:
            require_sessions(url, "`rollcall up`")
        if applied := migrate(url):
            _log.info("migrations_applied", count=len(applied), newest=applied[-1])
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
                "SECRET_KEY": settings.secret_key or kept_secret(secret_path(settings.data_dir)),
                **({"SUPABASE_JWT_SECRET": legacy} if legacy else {}),
                **({"CRON_SECRET": settings.cron_secret} if settings.cron_secret else {}),
            },
            worker_env={
                **common,
                **_next_port(settings),
                **_mail(settings),
                **_apps(settings),
                "DATABASE_URL": roles.allow_login(url, roles.WORKER, words.get(roles.WORKER)),
                **({"SUPABASE_SECRET_KEY": settings.supabase_secret_key} if settings.supabase_secret_key else {}),
                **({"BROWSER_ENDPOINT": settings.browser_endpoint} if settings.browser_endpoint else {}),
            },
            keep=server.keep if server else lambda: None,
        )


def _next_port(settings: Settings) -> dict[str, str]:
    """Gives the second process the next METRICS_PORT, because two processes cannot listen on the same one."""
    if settings.metrics_port is None:
        return {}
    return {"METRICS_PORT": str(settings.metrics_port + 1), "METRICS_PORT_FILE": ""}


def _mail(settings: Settings) -> dict[str, str]:
    """The mail settings, for the worker only."""
    known = {"SMTP_URL": settings.smtp_url, "MAIL_API_KEY": settings.mail_api_key}
    return {name: value for name, value in known.items() if value is not None}


def _apps(settings: Settings) -> dict[str, str]:
    """The secrets of the apps at the platforms, for the worker only."""
    known = {
        "INSTAGRAM_APP_SECRET": settings.instagram_app_secret,
        "META_APP_SECRET": settings.meta_app_secret,
        "GOOGLE_CLIENT_SECRET": settings.google_client_secret,
        "TIKTOK_CLIENT_SECRET": settings.tiktok_client_secret,
    }
    return {name: value for name, value in known.items() if value is not None}


def _passwords(data_dir: Path) -> dict[str, str]:
    """The passwords of the two roles on a foreign database, stored so that every start uses the same ones."""
    text = kept_secret(
        data_dir / "keys" / "database-passwords.json",
        json.dumps({role: roles.new_password() for role in (roles.WEB, roles.WORKER)}),
    )
    known: dict[str, str] = json.loads(text)
    return known


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
        """Starts it in a session of its own, so that Ctrl-C reaches only the launcher and the stop stays orderly."""
        # A secret of the launcher does not reach a child without use for it, whatever its name.
        base = environment.needed_variables() | environment.public_settings(_PRIVATE)
        self.process = subprocess.Popen(
            self.command, env={**base, **self.env}, start_new_session=True, stdout=self.output, stderr=self.output
        )

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


_PRIVATE = frozenset(
    {
        "DATABASE_URL",
        "SECRET_KEY",
        "CRON_SECRET",
        "WORKER_KEYS",
        "SEALING_KEY",
        "SUPABASE_SECRET_KEY",
        "SUPABASE_JWT_SECRET",
        "BROWSER_ENDPOINT",
        "SMTP_URL",
        "MAIL_API_KEY",
        "GOOGLE_CLIENT_SECRET",
        "INSTAGRAM_APP_SECRET",
        "META_APP_SECRET",
        "TIKTOK_CLIENT_SECRET",
    }
)


def part(name: str, env: Mapping[str, str], *arguments: str, output: IO[bytes] | None = None) -> Child:
    """A child that runs `rollcall NAME`, with a random word that identifies its answers."""
    own = {**env, START: secrets.token_hex(16)}
    return Child(name, [sys.executable, str(FRONT_DOOR), name, *arguments], own, output)


@contextmanager
def running(children: Sequence[Child], grace: float) -> Iterator[None]:
    """Starts the children in order and stops them in reverse; kills a child still running after `grace` seconds."""
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


def supervise(children: Sequence[Child], most_restarts: int = 5, keep: Callable[[], object] = lambda: None) -> None:
    """Restarts children that exit unexpectedly, with back-off, until interrupted; ConfigError when one keeps failing.

    `keep` is called in each round: it restarts a dead database.
    """
    since = {c.name: time.monotonic() for c in children}
    while True:
        keep()
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


def free_port(wanted: int) -> int:
    """`wanted` if it is free, else a port that the system chooses."""
    for number in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise ConfigError("This machine has no free port.")


def require_free(host: str, port: int) -> None:
    """Raises ConfigError with one sentence when the web could not listen at `host` and `port`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ConfigError("HOST is a name that leads to no address; for example HOST=127.0.0.1") from None
    for family, kind, _, _, place in found:
        try:
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(place)
                # A process that has bound a port without listening yet lets others bind it, too.
                probe.listen(1)
        except OSError as error:
            raise _not_free(host, port, error) from None


def _not_free(host: str, port: int, error: OSError) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        says = f"PORT={port} is taken on HOST={host}: something listens there; for example PORT={port % 65535 + 1}"
        return PortTaken(says)
    if error.errno == errno.EACCES:
        return ConfigError(f"PORT={port} needs rights that this user does not have; for example PORT=8642")
    return ConfigError(f"HOST={host} cannot be listened on ({error.strerror}); for example HOST=127.0.0.1")


def _own_answer(answer: bytes, child: Child) -> bool:
    """Whether the child itself has answered; a child without a word is accepted with any answer."""
    word = child.env.get(START)
    try:
        said = json.loads(answer or b"{}")
    except ValueError:
        said = {}
    return word is None or (isinstance(said, dict) and said.get("start") == word)


def wait_until_up(url: str, child: Child, seconds: float = 60) -> None:
    """Returns once the child itself answers 200 at `url`; raises ConfigError when it ends or time runs out."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.ended():
            raise ConfigError(f"The {child.name} process ended at once; the lines above say why.")
        try:
            status, answer = fetch(url, 2)
            if status == 200 and _own_answer(answer, child):
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise ConfigError(f"The {child.name} process did not answer within {seconds:g} seconds at {url}.")
