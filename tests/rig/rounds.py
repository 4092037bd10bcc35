"""The rounds of a soak: trouble in the middle of work, then quiet, then everything held against the truth."""

import signal
import sys
import time
import urllib.error
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from sandbox.crowd import Crowd, Member
from sandbox.world.chance import dice
from shared.domain.job_kinds import STARTABLE
from shared.domain.jobs import JobKind
from tests.rig import audit, trouble
from tests.rig.desk import Desk
from tests.rig.house import Database, Workers
from tests.rig.trouble import MachineFault

# What a person may start; days are derived after each reading anyway.
_KINDS = tuple(sorted(STARTABLE - {JobKind.DERIVE}))
_TROUBLE_SECONDS = 8.0
_PATIENCE = 120.0
_FROZEN_SECONDS, _AWAY_SECONDS = 6.0, 3.0


@dataclass
class Tally:
    """What happened so far; `differences` are sentences, each with its round."""

    rounds: int = 0
    checks: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    machine: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


class Soak:
    """Profiles of a crowd, read by real workers. The same seed draws the same rounds; what meets when is chance."""

    def __init__(self, seed: int, crowd: Crowd, database: Database, workers: Workers, desk: Desk) -> None:
        self._seed, self._crowd, self._database, self._workers, self._desk = seed, crowd, database, workers, desk
        self._disturbed: set[str] = set()
        self.tally = Tally()

    def connect(self) -> None:
        """Logs everybody in and reads everything once, undisturbed."""
        self._settle(self._crowd.members)
        self._hold("after the first reading")

    def round(self) -> None:
        """One round of trouble and what is told then, and when all is quiet again."""
        self.tally.rounds += 1
        rng = dice(self._seed, "round", self.tally.rounds)
        began = time.monotonic()
        for at, happen in sorted(self._drawn(rng), key=lambda drawn: drawn[0]):
            time.sleep(max(0.0, began + at - time.monotonic()))
            happen()
        self.aftermath()
        say(f"round {self.tally.rounds}: {time.monotonic() - began:.0f} s, {len(self.tally.differences)} differences")

    def aftermath(self) -> None:
        """Holds what is told when the trouble is over, then what is told after an undisturbed reading."""
        self._await_quiet()
        self._hold_moment("in the middle")
        self._hold_connections()
        self._quieten()
        self._settle(self._crowd.members)
        self._hold("at the end")

    def _drawn(self, rng: Random) -> list[tuple[float, Callable[[], None]]]:
        """What happens in this round, each with its second."""
        happenings: list[tuple[float, Callable[[], None]]] = []
        for member in self._crowd.members:
            happenings += self._drawn_for(member, rng)
        for _ in range(rng.choice((0, 1, 1, 2))):
            fault = rng.choices(list(trouble.WEIGHTS), list(trouble.WEIGHTS.values()))[0]
            happenings.append((rng.uniform(1.0, _TROUBLE_SECONDS), self._machine(fault, rng.randrange(100))))
        return happenings

    def _drawn_for(self, member: Member, rng: Random) -> list[tuple[float, Callable[[], None]]]:
        profile, url = self._desk.profiles[member.username], self._crowd.url
        drawn: list[tuple[float, Callable[[], None]]] = [(0.0, self._hours(member, rng.randint(1, 60)))]
        if rng.random() < 0.3:
            drawn.append((rng.uniform(1.0, 6.0), self._hours(member, rng.randint(1, 24))))
        if rng.random() < 0.3:
            drawn.append((rng.uniform(0.0, 6.0), self._media(member, rng.choice(("archive", "delete", "stories")))))
        for _ in range(rng.choice((0, 1, 1, 2))):
            order = trouble.draw(rng)
            drawn.append((rng.uniform(0.0, 3.0), lambda order=order: self._place(url, member, order)))  # type: ignore[misc]
        for kind in rng.sample(_KINDS, rng.choice((1, 1, 2))):
            drawn.append((rng.uniform(0.1, 4.0), lambda kind=kind: self._enqueue(profile, kind)))  # type: ignore[misc]
        if rng.random() < 0.1:
            drawn.append((rng.uniform(0.1, 4.0), lambda: self._log_in_again(member)))
        return drawn

    def _hours(self, member: Member, hours: int) -> Callable[[], None]:
        return lambda: trouble.pass_hours(self._crowd.url, member.username, hours)

    def _media(self, member: Member, what: str) -> Callable[[], None]:
        def happen() -> None:
            # With nothing left to take away the stand-in refuses.
            with suppress(urllib.error.HTTPError):
                trouble.control(self._crowd.url, "media", member.username, {what: 1})

        return happen

    def _place(self, url: str, member: Member, order: trouble.Order) -> None:
        trouble.place(url, member.username, order)
        self.tally.faults[f"{order.kind}:{order.variant}" if order.variant else order.kind] += 1
        if trouble.ends_connection(order):
            self._disturbed.add(member.username)

    def _log_in_again(self, member: Member) -> None:
        """A login in the middle of it all may end for many reasons; none of them is a difference."""
        self._disturbed.add(member.username)
        self._desk.log_in(member)

    def _enqueue(self, profile: UUID, kind: JobKind) -> None:
        self._desk.enqueue(profile, kind)

    def _machine(self, fault: MachineFault, chance: int) -> Callable[[], None]:
        place = chance % len(self._workers.children)

        def happen() -> None:
            self.tally.machine[fault] += 1
            match fault:
                case MachineFault.WORKER_KILLED:
                    self._workers.kill(place)
                case MachineFault.WORKER_FROZEN:
                    self._workers.signal(place, signal.SIGSTOP)
                    time.sleep(_FROZEN_SECONDS)
                    self._workers.signal(place, signal.SIGCONT)
                case MachineFault.CONNECTIONS_CUT:
                    self._database.cut_connections()
                case MachineFault.CHROMIUM_KILLED:
                    self._workers.kill_browsers()
                case MachineFault.DATABASE_STOPPED:
                    self._away(self._database.stop)
                case MachineFault.DATABASE_CRASHED:
                    self._away(self._database.crash)

        return happen

    def _away(self, go: Callable[[], None]) -> None:
        go()
        time.sleep(_AWAY_SECONDS)
        self._database.start()
        self._desk.reopen()

    def _await_quiet(self) -> None:
        self._differ(self._workers.ended())
        self._differ([f"a job does not end: {row}" for row in self._desk.quiet(_PATIENCE)])

    def _quieten(self) -> None:
        for member in self._crowd.members:
            trouble.clear(self._crowd.url, member.username)
        self._desk.read_again_now()
        self._await_quiet()

    def _settle(self, members: tuple[Member, ...]) -> None:
        """Everybody connected, and everything read until each list is exact: a loss may need two runs."""
        lost = [member for member in members if self._profile(member)["state"] != "CONNECTED"]
        self._finished([self._desk.log_in(member) for member in lost], "a login undisturbed")
        self._await_quiet()
        left = list(members)
        for _ in range(2):
            jobs = [self._desk.enqueue(self._id(member), JobKind.SYNC, args={"all": True}) for member in left]
            self._finished(jobs, "a reading undisturbed")
            left = [member for member in left if not self._is_exact(member)]
        self._await_quiet()
        self._disturbed.clear()

    def _finished(self, jobs: list[UUID], what: str) -> None:
        rows = self._desk.ended(jobs, _PATIENCE)
        self._differ(
            [
                f"{what} came out as {row['state']}: {row['error_message']}"
                for row in rows
                if row["state"] != "COMPLETED"
            ]
        )

    def _is_exact(self, member: Member) -> bool:
        rows = self._desk.conn.execute(
            "select distinct on (direction) exact from public.list_runs where profile_id = %s and state = 'PUBLISHED'"
            " order by direction, ended_at desc",
            [self._id(member)],
        ).fetchall()
        return len(rows) == 2 and all(row["exact"] for row in rows)

    def _hold_moment(self, when: str) -> None:
        for member in self._crowd.members:
            world, profile = member.site.world, self._id(member)
            told = audit.events(self._desk.conn, profile, world) + audit.books(self._desk.conn, profile)
            self._differ([f"{member.username} {when}: {sentence}" for sentence in told])
        self.tally.checks += 1

    def _hold(self, when: str) -> None:
        self._hold_moment(when)
        for member in self._crowd.members:
            told = audit.state(self._desk.conn, self._id(member), member.site.world)
            self._differ([f"{member.username} {when}: {sentence}" for sentence in told])

    def _hold_connections(self) -> None:
        """Trouble that passes by itself never costs a connection."""
        for member in self._crowd.members:
            state = self._profile(member)["state"]
            if state not in ("CONNECTED", "RESTING") and member.username not in self._disturbed:
                self._differ([f"{member.username} is {state} after trouble that passes by itself"])

    def _profile(self, member: Member) -> dict[str, object]:
        return self._desk.profile(self._id(member))

    def _id(self, member: Member) -> UUID:
        return self._desk.profiles[member.username]

    def _differ(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self.tally.differences.append(f"round {self.tally.rounds}: {sentence}")
            say(f"DIFFERENCE {self.tally.differences[-1]}")


def say(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
