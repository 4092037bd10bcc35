"""The people's side of the queue: their profiles, what they enter, and the jobs that they start."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from sandbox.crowd import Member
from shared.domain.jobs import ENDED, JobKind
from shared.vault import Purpose, keyfiles
from tests.rig.house import Database
from tests.rig.person import answer_questions

_LIFETIME = timedelta(minutes=15)
_ENQUEUE: LiteralString = """
    insert into public.sync_jobs (id, user_id, profile_id, kind, args, sealed, sealed_expires_at)
    select %(id)s, user_id, id, %(kind)s, %(args)s, %(sealed)s, %(expires)s from public.profiles where id = %(profile)s
    on conflict do nothing returning id
"""
_LIVE: LiteralString = """
    select id from public.sync_jobs
    where profile_id = %s and kind = %s and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')
"""
# What is at work, or would be at once; a job that rests for longer waits for the person.
_BUSY: LiteralString = """
    select id, kind, state, error_code, run_at from public.sync_jobs
    where state in ('RUNNING', 'NEEDS_INPUT', 'PENDING') or state = 'WAITING' and run_at < now() + interval '10 seconds'
"""
_ADD_PERSON: LiteralString = "insert into auth.users (email, encrypted_password) values (%s, 'no login') returning id"
_ADD_PROFILE: LiteralString = (
    "insert into public.profiles (user_id, platform, username) values (%s, 'instagram', %s) returning id"
)


class Desk:
    """The people's side: their profiles, what they enter, and the jobs that they start."""

    def __init__(self, database: Database, data_dir: Path) -> None:
        self._database = database
        self._key = keyfiles.load_or_create(data_dir, datetime.now(UTC)).sealing_key
        self.conn = database.connect()
        self.profiles: dict[str, UUID] = {}
        self._members: dict[UUID, Member] = {}
        self._people: dict[UUID, UUID] = {}

    def reopen(self) -> None:
        """Connects again after the database was away."""
        self.conn.close()
        self.conn = self._database.connect()

    def add_person(self, email: str) -> UUID:
        return self._made(_ADD_PERSON, email)

    def add_profile(self, person: UUID, member: Member) -> UUID:
        profile = self._made(_ADD_PROFILE, person, member.username)
        self.profiles[member.username], self._people[profile] = profile, person
        self._members[profile] = member
        return profile

    def _made(self, statement: LiteralString, *values: object) -> UUID:
        row = self.conn.execute(statement, values).fetchone()
        assert row is not None
        made: UUID = row["id"]
        return made

    def log_in(self, member: Member, *, with_secret: bool = True) -> UUID:
        """Enqueues a LOGIN with the password and, if wished, the authenticator's secret, sealed as by the web."""
        profile, job, expires = self.profiles[member.username], uuid4(), datetime.now(UTC) + _LIFETIME
        entered = {"username": member.username, "password": member.credentials.password}
        secret = member.credentials.totp_secret if with_secret else None
        text = json.dumps(entered | {"totp_secret": secret}).encode()
        sealed = self._key.seal(
            text, purpose=Purpose.LOGIN, user_id=self._people[profile], subject_id=job, expires_at=expires
        )
        return self.enqueue(profile, JobKind.LOGIN, job=job, sealed=sealed, expires=expires)

    def enqueue(
        self,
        profile: UUID,
        kind: JobKind,
        *,
        args: dict[str, Any] | None = None,
        job: UUID | None = None,
        sealed: bytes | None = None,
        expires: datetime | None = None,
    ) -> UUID:
        """The live job of this kind, made if there was none."""
        request = {"id": job or uuid4(), "kind": kind, "args": Jsonb(args or {}), "profile": profile}
        row = self.conn.execute(_ENQUEUE, request | {"sealed": sealed, "expires": expires}).fetchone()
        row = row or self.conn.execute(_LIVE, [profile, kind]).fetchone()
        return row["id"] if row else self.enqueue(profile, kind, args=args, job=job, sealed=sealed, expires=expires)

    def job(self, job: UUID) -> dict[str, Any]:
        return self.conn.execute("select * from public.sync_jobs where id = %s", [job]).fetchone() or {}

    def profile(self, profile: UUID) -> dict[str, Any]:
        return self.conn.execute("select * from public.profiles where id = %s", [profile]).fetchone() or {}

    def ended(self, jobs: list[UUID], seconds: float) -> list[dict[str, Any]]:
        """The jobs once all of them have ended; the others, when the time is over, as they are."""
        wait_for(lambda: self._answered() and all(self.job(job)["state"] in ENDED for job in jobs), seconds)
        return [self.job(job) for job in jobs]

    def quiet(self, seconds: float) -> list[dict[str, Any]]:
        """Waits until no one works at anything; what is still under way when the time is over."""
        wait_for(lambda: self._answered() and not self.busy(), seconds)
        return self.busy()

    def busy(self) -> list[dict[str, Any]]:
        """The jobs at which someone works, or soon will."""
        return self.conn.execute(_BUSY).fetchall()

    def _answered(self) -> bool:
        answer_questions(self.conn, self._key, self._members)
        return True

    def read_again_now(self) -> None:
        """What the person's "Read again now" does, for every profile that rests: its waiting jobs are due at once."""
        for profile, person in self._people.items():
            claims = json.dumps({"sub": str(person), "role": "authenticated"})
            with self.conn.transaction():
                self.conn.execute("select set_config('request.jwt.claims', %s, true)", [claims])
                self.conn.execute("set local role rollcall_person")
                self.conn.execute("select rollcall.end_cooldown(%s)", [profile])


def wait_for(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether `holds` came true before so many seconds were over."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
