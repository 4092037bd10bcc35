"""Every row of the matrix, in the order of the document: Instagram's faults first, then the machine's."""

from collections.abc import Mapping

from tests.reliability import session_rows
from tests.reliability.rows import Row

PLATFORM: Mapping[str, tuple[Row, ...]] = {
    "Refusals and sessions": session_rows.ROWS,
}
PLATFORM_ROWS = tuple(row for rows in PLATFORM.values() for row in rows)
