"""The counts of a simulation, and the figures that follow from them; all of them are of the hours after the warm-up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import fmean, quantiles

from bench.capacity.budget_model import Read

MINUTE = 60.0
_DAY_MINUTES = 1440


@dataclass(slots=True)
class Tally:
    """Minute by minute: profiles due, calls of the scheduler, jobs left behind their own lane, milliseconds worked."""

    due: list[int] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    blocked: list[int] = field(default_factory=list)
    busy: Counter[int] = field(default_factory=Counter)
    jobs: Counter[int] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    sessions: Counter[int] = field(default_factory=Counter)
    requests: Counter[int] = field(default_factory=Counter)
    by_kind: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    most_requests: int = 0
    claim_seconds: float = 0.0
    twice: int = 0
    """How often a profile was given to a second job while one was reading it; 0 or the queue is broken."""

    def count(self, kind: str, begin: float, read: Read, *, first: bool) -> None:
        """An attempt from `begin` to its end; the job's `first`, or one that goes on after a wait."""
        minute = int(begin // MINUTE)
        self.jobs[minute] += first
        self.sessions[minute] += read.requests > 0
        self.attempts[minute] += 1
        self.requests[minute] += read.requests
        self.by_kind[kind] += 1
        self.most_requests = max(self.most_requests, read.requests)
        while begin < read.ended:
            end = min(read.ended, (minute + 1) * MINUTE)
            self.busy[minute] += round((end - begin) * 1000)
            begin, minute = end, minute + 1


@dataclass(frozen=True, slots=True)
class Figures:
    """A steady fleet. `busy` places are the mean, `busy_most` the busiest minute's; the rest is per profile and day."""

    profiles: int
    minutes: int
    busy: float
    busy_p99: float
    busy_most: float
    busy_seconds: float
    jobs: float
    attempts: float
    sessions: float
    requests: float
    blocked: float
    blocked_most: int
    due_a_minute: float
    scheduler_calls_a_minute_most: int


def figures(tally: Tally, profiles: int, warm_minutes: int) -> Figures:
    """The figures of the minutes after the warm-up; the last one that was begun is whole."""
    measured = range(warm_minutes, len(tally.due))
    minutes = len(measured)
    busy = [tally.busy[minute] / 1000 / MINUTE for minute in measured]

    def daily(total: float) -> float:
        return total / profiles * _DAY_MINUTES / minutes

    return Figures(
        profiles=profiles,
        minutes=minutes,
        busy=fmean(busy),
        busy_p99=quantiles(busy, n=100, method="inclusive")[98],
        busy_most=max(busy),
        busy_seconds=daily(sum(busy) * MINUTE),
        jobs=daily(sum(tally.jobs[minute] for minute in measured)),
        attempts=daily(sum(tally.attempts[minute] for minute in measured)),
        sessions=daily(sum(tally.sessions[minute] for minute in measured)),
        requests=daily(sum(tally.requests[minute] for minute in measured)),
        blocked=fmean(tally.blocked[minute] for minute in measured),
        blocked_most=max(tally.blocked[minute] for minute in measured),
        due_a_minute=fmean(tally.due[minute] for minute in measured),
        scheduler_calls_a_minute_most=max(tally.calls[minute] for minute in measured),
    )
