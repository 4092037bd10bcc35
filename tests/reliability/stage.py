"""The house in which the rows are played, and what is kept of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sandbox.crowd import Crowd, Member, gather
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from shared.domain.jobs import JobKind
from tests.reliability.rows import Row
from tests.rig import trouble
from tests.rig.desk import Desk
from tests.rig.house import Database, Workers, environment

WORLD = Config(WorldConfig(followers=60, following=20, posts=16), TwoFactor.TOTP)
PATIENCE = 240.0


class NotHere(Exception):
    """This machine does not let the tests do this to it."""


@dataclass
class Outcome:
    """What was seen under one fault, and after it; sentences are differences from the truth.

    `skipped` says why the row cannot be played on this machine, `broke` what ended its play before it was seen.
    """

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
    broke: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether there is more to be seen of this row."""
        return not self.skipped and not self.broke

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
    # Whoever cannot be told is shown the first account's login, so that one belongs to no row.
    members = {row.key: member for row, member in zip(rows, crowd.members[1:], strict=True)}
    try:
        yield House(folder, crowd, database, desk, workers, members)
    finally:
        workers.stop()
        desk.conn.close()
        database.stop()
        crowd.stop()


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
