"""The worker's metrics for Prometheus. Imported only where they are served."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from time import monotonic

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.domain.jobs import JobKind, Outcome
from shared.errors import LeaseLost
from shared.store.queue.claims import Settled
from shared.telemetry.metrics import LONG_SECONDS

# Playwright's driver is a Node program; all other child processes are the browser's.
_DRIVER = "node"
_PROGRAMS = ("browser", "driver")


class Measured:
    """Counts the worker's events."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = monotonic) -> None:
        self._loops = Loops(clock)
        registry.register(self._loops)
        self._faults = Counter(
            "rollcall_worker_loop_faults", "Turns of a loop beside the jobs that failed.", ["loop"], registry=registry
        )
        self._claims = Counter("rollcall_worker_claims", "Jobs claimed.", ["kind"], registry=registry)
        self._outcomes = Counter(
            "rollcall_worker_outcomes",
            "Attempts that ended, by how and by the error's code.",
            ["kind", "outcome", "error_code"],
            registry=registry,
        )
        self._seconds = Histogram(
            "rollcall_worker_attempt_seconds",
            "Length of an attempt.",
            ["kind"],
            buckets=LONG_SECONDS,
            registry=registry,
        )
        self._running = Gauge("rollcall_worker_running_jobs", "Jobs under way.", ["kind"], registry=registry)

    def record_claim(self, kind: JobKind) -> None:
        self._claims.labels(kind).inc()
        self._running.labels(kind).inc()

    def record_end(self, kind: JobKind, settled: Settled | None, seconds: float) -> None:
        outcome, code = (Outcome.LOST, LeaseLost.code) if settled is None else (settled.outcome, settled.error_code)
        self._outcomes.labels(kind, outcome, code or "").inc()
        self._seconds.labels(kind).observe(seconds)
        self._running.labels(kind).dec()

    def loop_began(self, loop: str) -> None:
        self._faults.labels(loop)
        self._loops.record(loop)

    def record_turn(self, loop: str, *, failed: bool) -> None:
        self._faults.labels(loop).inc(1 if failed else 0)
        self._loops.record(loop)


class Loops(Collector):
    """The time since the last turn of each loop next to the jobs, by the monotonic `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}

    def record(self, loop: str) -> None:
        self._last[loop] = self._clock()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing, so that registering collects nothing."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        help_text = "Time since the last turn of a loop beside the jobs, or since its begin."
        family = GaugeMetricFamily("rollcall_worker_loop_age_seconds", help_text, labels=["loop"])
        now = self._clock()
        for loop, last in list(self._last.items()):
            family.add_metric([loop], now - last)
        yield family


class Browser(Collector):
    """Processes and memory of this worker's browser, read at each request; a remote browser is not seen."""

    def __init__(self, of: psutil.Process) -> None:
        self._of = of

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing, so that registering collects nothing."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        processes, memory = Tally[str](), Tally[str]()
        for child in self._of.children(recursive=True):
            try:
                program = "driver" if child.name().startswith(_DRIVER) else "browser"
                memory[program] += _memory(child)
                processes[program] += 1
            except psutil.Error:
                # The process ended while it was read.
                continue
        for name, help_text, tally in (
            ("rollcall_worker_browser_processes", "Processes of the browser and its driver.", processes),
            ("rollcall_worker_browser_memory_bytes", "Their memory; what they share is counted once.", memory),
        ):
            family = GaugeMetricFamily(name, help_text, labels=["program"])
            for program in _PROGRAMS:
                family.add_metric([program], tally[program])
            yield family


def registry_of(slots: int) -> CollectorRegistry:
    """A registry of this worker's own, with its collectors."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(Browser(psutil.Process()))
    Gauge("rollcall_worker_slots", "Jobs that this worker runs at the same time.", registry=registry).set(slots)
    return registry


def _memory(process: psutil.Process) -> int:
    """Proportional memory where the system reports it, else resident memory."""
    help_text = process.memory_full_info()
    return int(getattr(help_text, "pss", 0) or help_text.rss)
