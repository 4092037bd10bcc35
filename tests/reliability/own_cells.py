"""A row that breaks costs its own cells only: what broke is kept in its outcome, and the others are played on."""

from __future__ import annotations

import traceback
from types import TracebackType

import psycopg

from tests.reliability.stage import House, NotHere, Outcome


class OwnCells:
    """A block of one row's play. It ends quietly after any exception and keeps it in the row's outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Returns whether the play goes on: after every exception but those that end the whole process."""
        if isinstance(error, NotHere):
            self._outcome.skipped = str(error)
        elif isinstance(error, Exception):
            told = "".join(traceback.format_exception(error))
            self._outcome.broke = self._outcome.broke or f"the row broke off: {error}\n{told}"
        return error is None or isinstance(error, Exception)


def mend(there: House, profile: str) -> None:
    """Puts the house in order after a row that broke: a database that answers, one new worker, and no job of its."""
    try:
        there.desk.conn.execute("select 1")
    except psycopg.Error:
        there.database.stop()
        there.database.start()
        there.desk.reopen()
    there.desk.conn.execute("alter table public.sync_jobs enable trigger all")
    while len(there.workers.children) > 1:
        there.workers.remove(len(there.workers.children) - 1)
    there.workers.kill(0)
    there.desk.conn.execute("delete from public.sync_jobs where profile_id = %s", [there.desk.profiles[profile]])
