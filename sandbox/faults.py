"""Trouble on demand, for every stand-in: what is still to come, for which calls and how often."""

from dataclasses import asdict, dataclass

ANYWHERE = "any"
"""The place of a fault that may hit every call; each stand-in has it among its own."""
Row = dict[str, object]


@dataclass(slots=True)
class Fault:
    """``times`` more answers of ``where`` go wrong, once ``after`` more of them were right.

    A slow one takes ``ms`` longer; a refusal has ``status``; ``variant`` says which form of its kind it takes.
    Each stand-in has its own kinds and places.
    """

    kind: str
    where: str = ANYWHERE
    times: int = 1
    status: int = 503
    ms: int = 1000
    variant: str = ""
    after: int = 0


class Faults:
    """The faults that are still to come, oldest first."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let ``fault`` come after those already set."""
        if fault.times > 0:
            self._coming.append(fault)

    def clear(self) -> None:
        """Nothing more goes wrong."""
        self._coming.clear()

    def take(self, kind: str, where: str, *variants: str) -> Fault | None:
        """Return the next fault of that kind (and one of the variants) for that place and count it as happened."""
        for fault in self.of(kind):
            if fault.where in (where, ANYWHERE) and (not variants or fault.variant in variants):
                return fault if self.happen(fault) else None
        return None

    def of(self, kind: str) -> list[Fault]:
        """Return the faults of a kind that are still to come, oldest first."""
        return [fault for fault in self._coming if fault.kind == kind]

    def happen(self, fault: Fault) -> bool:
        """Count one answer on ``fault`` and return whether it goes wrong."""
        if fault.after > 0:
            fault.after -= 1
            return False
        fault.times -= 1
        self._coming = [left for left in self._coming if left.times > 0]
        return True

    def coming(self) -> list[Row]:
        """Return what is still to come, as JSON-ready rows."""
        return [asdict(fault) for fault in self._coming]
