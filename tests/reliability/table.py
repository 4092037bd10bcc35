"""Every row of the matrix, in the order of the document: Instagram's faults first, then the machine's."""

from collections.abc import Mapping

from tests.reliability import list_rows, login_rows, machine_rows, media_rows, session_rows
from tests.reliability.rows import Row

PLATFORM: Mapping[str, tuple[Row, ...]] = {
    "Refusals and sessions": session_rows.ROWS,
    "Lists": list_rows.ROWS,
    "Logins": login_rows.ROWS,
    "Posts and stories": media_rows.ROWS,
}
MACHINE: Mapping[str, tuple[Row, ...]] = {
    "Workers": machine_rows.WORKER,
    "The database and the clock": machine_rows.DATABASE,
    "The browser": machine_rows.BROWSER,
    "The folder of exports": machine_rows.FILES,
    "The web and mail": machine_rows.WEB,
}


def _all(groups: Mapping[str, tuple[Row, ...]]) -> tuple[Row, ...]:
    return tuple(row for rows in groups.values() for row in rows)


PLATFORM_ROWS, MACHINE_ROWS = _all(PLATFORM), _all(MACHINE)
ROWS = PLATFORM_ROWS + MACHINE_ROWS
