"""The worker's interface for metrics. A no-op unless METRICS_PORT is set."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from shared.domain.jobs import JobKind
from shared.settings import Settings
from shared.store.queue.claims import Settled


class Measures(Protocol):
    """Receives each claim, each end, and each turn of a loop."""

    def record_claim(self, kind: JobKind) -> None:
        """This worker claimed a job of this kind."""
        ...

    def record_end(self, kind: JobKind, settled: Settled | None, seconds: float) -> None:
        """An attempt reached its end; `settled` is None where the job was no longer ours."""
        ...

    def loop_began(self, loop: str) -> None:
        """A loop next to the jobs is about to take its first turn."""
        ...

    def record_turn(self, loop: str, *, failed: bool) -> None:
        """A turn of this loop has ended."""
        ...


class Unmeasured:
    """Counts nothing."""

    def record_claim(self, kind: JobKind) -> None:
        pass

    def record_end(self, kind: JobKind, settled: Settled | None, seconds: float) -> None:
        pass

    def loop_began(self, loop: str) -> None:
        pass

    def record_turn(self, loop: str, *, failed: bool) -> None:
        pass


UNMEASURED = Unmeasured()


@contextmanager
def measuring(settings: Settings, slots: int) -> Iterator[Measures]:
    """Metrics served on METRICS_PORT during the block; without the port nothing is counted, served or imported."""
    if settings.metrics_port is None:
        yield UNMEASURED
        return
    from shared.telemetry.metrics import serving
    from worker.telemetry.metrics import Measured, registry_of

    measured = Measured(registry := registry_of(slots))
    with serving(registry, settings):
        yield measured
