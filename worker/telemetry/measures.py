"""What a worker tells whoever measures it; nobody does, unless METRICS_PORT is set."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from shared.domain.jobs import JobKind
from shared.settings import Settings
from shared.store.queue.claims import Settled


class Measures(Protocol):
    """Hears of each claim, each end, and each turn of a loop."""

    def claimed(self, kind: JobKind) -> None:
        """A job of this kind was given to this worker."""
        ...

    def ended(self, kind: JobKind, settled: Settled | None, seconds: float) -> None:
        """An attempt came to its end; `settled` is None where the job was not ours any more."""
        ...

    def loop_began(self, loop: str) -> None:
        """A loop beside the jobs is about to take its first turn."""
        ...

    def loop_turned(self, loop: str, *, failed: bool) -> None:
        """A turn of this loop is over."""
        ...


class Unmeasured:
    """Nobody listens."""

    def claimed(self, kind: JobKind) -> None:
        pass

    def ended(self, kind: JobKind, settled: Settled | None, seconds: float) -> None:
        pass

    def loop_began(self, loop: str) -> None:
        pass

    def loop_turned(self, loop: str, *, failed: bool) -> None:
        pass


UNMEASURED = Unmeasured()


@contextmanager
def measuring(settings: Settings, slots: int) -> Iterator[Measures]:
    """Measures that are shown on METRICS_PORT meanwhile; without one nothing is counted, served or imported."""
    if settings.metrics_port is None:
        yield UNMEASURED
        return
    from shared.telemetry.metrics import serving
    from worker.telemetry.metrics import Measured, registry_of

    measured = Measured(registry := registry_of(slots))
    with serving(registry, settings):
        yield measured
