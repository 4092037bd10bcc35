"""Every row of the matrix, in the document's order: Instagram's faults, YouTube's, TikTok's, then the machine's."""

from collections.abc import Mapping

from tests.reliability import list_rows, login_rows, machine_rows, media_rows, official_rows, session_rows, tiktok_rows
from tests.reliability.parts import NAMES
from tests.reliability.rows import Row

PLATFORM: Mapping[str, tuple[Row, ...]] = {
    "Refusals and sessions": session_rows.ROWS,
    "Lists": list_rows.ROWS,
    "Logins": login_rows.ROWS,
    "Posts and stories": media_rows.ROWS,
}
OFFICIAL: Mapping[str, tuple[Row, ...]] = {"The official interfaces": official_rows.ROWS}
TIKTOK: Mapping[str, tuple[Row, ...]] = {"Login Kit and the Display API": tiktok_rows.ROWS}
MACHINE: Mapping[str, tuple[Row, ...]] = {
    "Workers": machine_rows.WORKER,
    "The database and the clock": machine_rows.DATABASE,
    "The browser": machine_rows.BROWSER,
    "The folder of exports": machine_rows.FILES,
    "The web and mail": machine_rows.WEB,
}


def _all(groups: Mapping[str, tuple[Row, ...]]) -> tuple[Row, ...]:
    return tuple(row for rows in groups.values() for row in rows)


PLATFORM_ROWS, OFFICIAL_ROWS, MACHINE_ROWS = _all(PLATFORM), _all(OFFICIAL), _all(MACHINE)
TIKTOK_ROWS = _all(TIKTOK)
ROWS = PLATFORM_ROWS + OFFICIAL_ROWS + TIKTOK_ROWS + MACHINE_ROWS
# Rows of one part share a database, a worker and a stand-in; parts are played side by side.
_PARTS = (
    PLATFORM_ROWS,
    machine_rows.WORKER,
    machine_rows.DATABASE,
    (*machine_rows.BROWSER, *machine_rows.FILES, *machine_rows.WEB),
    OFFICIAL_ROWS,
    TIKTOK_ROWS,
)
PARTS: Mapping[str, tuple[Row, ...]] = dict(zip(NAMES, _PARTS, strict=True))
