"""A row of the matrix: a fault, the work that it meets, and the required result."""

from dataclasses import dataclass
from typing import Any

from shared.domain.jobs import JobKind


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `orders` is what the stand-in is told, as JSON; a machine fault has a scenario of its name as well.

    `does`, `answers` and `reads` are sentences of the document: what Instagram or the machine does, what Rollcall does,
    what the person reads. `ends` is the state in which the work is found under the fault, `code` the error that it then
    carries, `alert` what is raised beside it, `profile` the profile's state, `verdict` what a list or the tabs were
    judged to be; None where there is none. A `standing` fault is there from the first reading on.
    """

    key: str
    does: str
    answers: str
    reads: str
    orders: tuple[dict[str, Any], ...] = ()
    work: JobKind = JobKind.SYNC_FOLLOWERS
    ends: str = "COMPLETED"
    code: str | None = None
    alert: str | None = None
    profile: str = "CONNECTED"
    verdict: str | None = "whole"
    most_requests: int = 20
    standing: bool = False

    @property
    def kinds(self) -> set[str]:
        """The kinds of the stand-in that this row sets."""
        return {str(order["kind"]) for order in self.orders}
