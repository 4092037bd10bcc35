"""Runs the rows: every platform fault at once, one profile each, by a real worker; then the machine's, one by one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

from bench.soaking import audit, trouble
from bench.soaking.desk import Desk
from bench.soaking.house import Database, Workers, environment
from sandbox.crowd import Crowd, Member, gather
from sandbox.instagram.account import TwoFactor
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from shared.db import pools
from shared.domain.jobs import JobKind
from shared.store import user_keys
from shared.vault import Place, keyfiles
from tests.reliability.rows import Row
from worker.browser.session import BrowserSession
from worker.platforms.base import SessionSecret

WORLD = Config(WorldConfig(followers=60, following=20, posts=16), TwoFactor.TOTP)
_PATIENCE = 240.0

_BESIDE = ("static", "picture")
# The pages of a login, and those to which the site leads whoever asked for another.
_UNCOUNTED = {
    *_BESIDE,
    *("login", "log_in", "two_factor", "answer_challenge", "save_login", "home", "suspicion", "consent", "suspended"),
}
_TABLES: tuple[LiteralString, ...] = (
    "select to_jsonb(t) as row from public.sync_jobs t where profile_id = %s",
    "select to_jsonb(t) as row from public.sync_attempts t where profile_id = %s",
    "select to_jsonb(t) as row from public.alerts t where profile_id = %s",
    "select to_jsonb(t) as row from public.list_runs t where profile_id = %s",
    "select to_jsonb(t) as row from public.profiles t where id = %s",
)


class NoSmallDisk(Exception):
    """This machine does not let the tests mount a file system."""


@dataclass
class Outcome:
    """What was seen under one fault, and after it; sentences are differences from the truth."""

    during: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    job: dict[str, Any] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    requests: int = 0
    asked: int = 0
    counted: int = 0
    secrets: list[str] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    skipped: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; times and ids as text."""
        told: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return told


@dataclass
class House:
    """Everything that runs, and the profile of each row."""

    folder: Path
    crowd: Crowd
    database: Database
    desk: Desk
    workers: Workers
    members: dict[str, Member]

    @property
    def log(self) -> Path:
        return self.folder / "workers.log"

    def profile(self, row: Row) -> UUID:
        return self.desk.profiles[self.members[row.key].username]

    def fault(self, row: Row, order: dict[str, Any]) -> None:
        """Tells the stand-in of one fault for this row's account."""
        trouble.control(self.crowd.url, "faults", self.members[row.key].username, order)


@contextmanager
def house(folder: Path, rows: Sequence[Row], **settings: str) -> Iterator[House]:
    """The stand-in, a database and one worker, with a profile for each row; not connected yet."""
    crowd, database = Crowd(gather(len(rows) + 1, 3, WORLD, "row")), Database(folder)
    desk = Desk(database, folder)
    person = desk.add_person("alice@example.org")
    for member in crowd.members:
        desk.add_profile(person, member)
    workers = Workers(1, environment(database, folder, crowd.url) | settings, folder / "workers.log")
    keys = (row.key for row in rows)
    try:
        yield House(folder, crowd, database, desk, workers, dict(zip(keys, crowd.members, strict=False)))
    finally:
        workers.stop()
        desk.conn.close()
        database.stop()
        crowd.stop()


def connect(there: House, rows: Sequence[Row]) -> None:
    """Logs an account of its own in; those of whom a list, posts or stories are read get sessions of the same browser.

    A login under a fault is its profile's first.
    """
    first = there.crowd.members[-1]
    (job,) = there.desk.ended([there.desk.log_in(first)], _PATIENCE)
    assert job["state"] == "COMPLETED", job["error_message"]
    there.desk.quiet(_PATIENCE)
    asyncio.run(_plant(there, first, [there.members[row.key] for row in rows if row.work is not JobKind.LOGIN]))


async def _plant(there: House, first: Member, others: Sequence[Member]) -> None:
    ring = keyfiles.load(there.folder)
    ids = there.desk.profiles
    async with pools.worker_pool(there.database.worker_url, 1) as pool, pool.connection() as conn:
        row = await (
            await conn.execute(
                "select id, user_id, secret from public.connections where profile_id = %s", [ids[first.username]]
            )
        ).fetchone()
        assert row is not None
        key = await user_keys.data_key(conn, ring, row["user_id"])
        text = key.decrypt(row["secret"], Place("connections", "secret", row["user_id"], row["id"])).decode()
        pattern = BrowserSession.from_secret(SessionSecret(text))
        session = first.site.sessions.find(pattern.cookie("sessionid"))
        assert session is not None
        for member in others:
            made = await (
                await conn.execute(
                    "insert into public.connections (user_id, profile_id, method, state)"
                    " values (%s, %s, 'browser', 'ACTIVE') returning id",
                    [row["user_id"], ids[member.username]],
                )
            ).fetchone()
            assert made is not None
            place = Place("connections", "secret", row["user_id"], made["id"])
            secret = key.encrypt(_session(member, pattern, session.user_agent).encode(), place)
            await conn.execute("update public.connections set secret = %s where id = %s", [secret, made["id"]])
            await conn.execute(
                "update public.profiles set state = 'CONNECTED', external_id = %s where id = %s",
                [member.credentials.user_id, ids[member.username]],
            )


def _session(member: Member, pattern: BrowserSession, agent: str) -> str:
    account = member.site.account
    values = {
        "sessionid": member.site.sessions.open(account.user_id, agent),
        "ds_user_id": str(account.user_id),
        "csrftoken": "c5rf",
        "mid": f"device-of-{account.user_id}",
    }
    cookies = [
        {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1, "sameSite": "Lax"}
        | {"httpOnly": name in ("sessionid", "mid"), "secure": False}
        for name, value in values.items()
    ]
    told = json.loads(pattern.to_secret().text)
    return json.dumps(told | {"storage_state": {"cookies": cookies, "origins": []}})


def begin(there: House, row: Row) -> UUID:
    """Enqueues the work that the row's fault is to meet."""
    member = there.members[row.key]
    if row.work is JobKind.LOGIN:
        return there.desk.log_in(member)
    if row.work is JobKind.EXPORT:
        return _export(there, row)
    return there.desk.enqueue(there.desk.profiles[member.username], row.work, args={"all": True})


def _export(there: House, row: Row) -> UUID:
    made = there.desk.conn.execute(
        "insert into public.exports (user_id, profile_id, what, format) select user_id, id, 'followers', 'xlsx'"
        " from public.profiles where id = %s returning id",
        [there.profile(row)],
    ).fetchone()
    assert made is not None
    return there.desk.enqueue(there.profile(row), JobKind.EXPORT, args={"export_id": str(made["id"])})


def read_first(there: House, rows: Sequence[Row]) -> None:
    """A first, undisturbed reading of each list that a fault is to meet; then people come and go."""
    lists = [row for row in rows if row.work is JobKind.SYNC_FOLLOWERS]
    jobs = [there.desk.enqueue(there.profile(row), row.work) for row in lists]
    for job in there.desk.ended(jobs, _PATIENCE):
        assert job["state"] == "COMPLETED", job["error_message"]
    there.desk.quiet(_PATIENCE)
    for row in lists:
        there.members[row.key].site.world.steer(follow=2, leave=3, rename=1)
    for row in rows:
        if row.work is JobKind.SYNC_STORIES:
            there.members[row.key].site.world.steer_media(stories_now=2)


def play(there: House, rows: Sequence[Row]) -> dict[str, Outcome]:
    """Lets every row's fault meet its work, looks, takes the faults back, lets everything settle, and looks again."""
    outcomes = {row.key: Outcome(requests=-_asked(there, row)) for row in rows}
    for row in rows:
        for order in row.orders:
            there.fault(row, order)
    jobs = {row.key: begin(there, row) for row in rows}
    there.desk.quiet(_PATIENCE)
    for row in rows:
        look(there, row, jobs[row.key], outcomes[row.key])
    settle(there, rows)
    for row in rows:
        look_again(there, row, outcomes[row.key])
    return outcomes


def strike(
    there: House, rows: Sequence[Row], scenarios: Mapping[str, Callable[[House, Row], UUID]]
) -> dict[str, Outcome]:
    """Hits the machine once for each row, one after the other; then as `play`."""
    outcomes = {}
    for row in rows:
        outcomes[row.key] = Outcome(requests=-_asked(there, row))
        try:
            job = scenarios[row.key](there, row)
        except NoSmallDisk as reason:
            outcomes[row.key].skipped = str(reason)
            continue
        trouble.clear(there.crowd.url, there.members[row.key].username)
        there.desk.quiet(_PATIENCE)
        look(there, row, job, outcomes[row.key])
    played = [row for row in rows if not outcomes[row.key].skipped]
    settle(there, played)
    for row in played:
        look_again(there, row, outcomes[row.key])
    return outcomes


def _asked(there: House, row: Row) -> int:
    """How many pages and answers the account was asked for; what a page loads besides is not counted."""
    asked = there.members[row.key].site.requests
    return asked.total() - sum(asked[name] for name in _BESIDE)


def look(there: House, row: Row, job: UUID, outcome: Outcome) -> None:
    """What is told while the fault is still there."""
    member, profile = there.members[row.key], there.profile(row)
    outcome.requests += _asked(there, row)
    outcome.counted = _counted(there, profile)
    outcome.asked = sum(number for name, number in member.site.requests.items() if name not in _UNCOUNTED)
    outcome.notes = {"asked": dict(member.site.requests)}
    outcome.job = there.desk.job(job)
    outcome.profile = there.desk.profile(profile)
    conn = there.desk.conn
    outcome.alerts = conn.execute(
        "select kind, message from public.alerts where profile_id = %s order by id", [profile]
    ).fetchall()
    runs = conn.execute("select verdict from public.list_runs where job_id = %s and state = 'PUBLISHED'", [job])
    media = conn.execute("select verdict from public.media_runs where job_id = %s", [job])
    outcome.verdicts = [run["verdict"] for run in (*runs.fetchall(), *media.fetchall())]
    outcome.during = audit.events(conn, profile, member.site.world)
    outcome.doubled = audit.books(conn, profile)


def _counted(there: House, profile: UUID) -> int:
    """How many requests the profile's budget counts."""
    row = there.desk.conn.execute(
        "select day_spent from public.request_budget where profile_id = %s", [profile]
    ).fetchone()
    return int(row["day_spent"]) if row else 0


def settle(there: House, rows: Sequence[Row]) -> None:
    """No more faults; the person lets it go on, connects again where that is needed, and has it read until it fits."""
    for row in rows:
        trouble.clear(there.crowd.url, there.members[row.key].username)
    there.desk.read_again_now()
    there.desk.quiet(_PATIENCE)
    lost = [row for row in rows if there.desk.profile(there.profile(row))["state"] != "CONNECTED"]
    there.desk.ended([there.desk.log_in(there.members[row.key]) for row in lost], _PATIENCE)
    # A login has everything read by itself.
    left = [row for row in rows if row.work is not JobKind.LOGIN]
    for _ in range(2):
        jobs = [begin(there, row) for row in left]
        there.desk.ended(jobs, _PATIENCE)
        left = [row for row in left if row.work is JobKind.SYNC_FOLLOWERS and not _is_exact(there, row)]
    there.desk.quiet(_PATIENCE)


def _is_exact(there: House, row: Row) -> bool:
    run = there.desk.conn.execute(
        "select exact from public.list_runs where profile_id = %s and direction = 'follower' and state = 'PUBLISHED'"
        " order by ended_at desc limit 1",
        [there.profile(row)],
    ).fetchone()
    return run is not None and bool(run["exact"])


def look_again(there: House, row: Row, outcome: Outcome) -> None:
    """What is told once the trouble is over."""
    member, profile, conn = there.members[row.key], there.profile(row), there.desk.conn
    world = member.site.world
    match row.work:
        case JobKind.SYNC_MEDIA:
            outcome.after = audit.media(conn, profile, world)
        case JobKind.SYNC_STORIES:
            outcome.after = audit.stories(conn, profile, world)
        case JobKind.EXPORT:
            outcome.after = _left_of_exports(there, profile)
        case _:
            outcome.after = audit.people(conn, profile, "follows_me", world.population.followers, world)
    outcome.doubled += audit.events(conn, profile, world) + audit.books(conn, profile)
    outcome.secrets = _secrets_in_the_open(there, row)


def _left_of_exports(there: House, profile: UUID) -> list[str]:
    """What is wrong with the folder: it holds the files that a row knows, whole, and no others."""
    rows = there.desk.conn.execute(
        "select path, byte_count from public.exports where profile_id = %s and path is not null", [profile]
    ).fetchall()
    folder = there.folder / "exports"
    known = {row["path"]: row["byte_count"] for row in rows}
    found = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    return [] if known == found and known else [f"the rows know {known}, the folder holds {found}"]


def _secrets_in_the_open(there: House, row: Row) -> list[str]:
    """Which of the account's secrets stand in the log or in a row, by name."""
    member = there.members[row.key]
    account, site = member.site.account, member.site
    canaries = {
        "password": [member.credentials.password],
        "authenticator secret": [account.totp_secret or "none"],
        "backup code": member.credentials.backup_codes,
        "session": [token.rsplit(":", 1)[1] for token in site.sessions.tokens()],
        "code": [message.code for message in account.messages if len(message.code) >= 8],
    }
    profile = there.profile(row)
    rows = [str(found["row"]) for table in _TABLES for found in there.desk.conn.execute(table, [profile]).fetchall()]
    text = "\n".join([there.log.read_text(encoding="utf-8", errors="replace"), *rows])
    return [name for name, values in canaries.items() if any(value in text for value in values)]
