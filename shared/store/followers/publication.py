"""Shared steps of publishing a walk and publishing an imported list. `where` names the profile, list and run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import scalar_row

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.social import Direction
from shared.domain.traversal.list_verdict import Verdict, miss_cutoff

OF_DIRECTION = {
    Direction.FOLLOWER: {"follows": sql.Identifier("follows_me"), "follows_since": sql.Identifier("follows_me_since")},
    Direction.FOLLOWING: {"follows": sql.Identifier("i_follow"), "follows_since": sql.Identifier("i_follow_since")},
}
# A person without a name may be anyone known only from a data download: none of those is surely missing.
_IS_ABSENT: LiteralString = """not exists (select from staged s where s.person_id = p.id)
            and (p.platform_id is not null or not exists (select from staged n where n.username = ''))"""


def for_direction(**texts: LiteralString) -> dict[Direction, dict[str, sql.Composed]]:
    """The statements by list and name; a text names the two columns of `people` of its list in braces."""
    absent = sql.SQL(_IS_ABSENT)
    return {
        direction: {name: sql.SQL(text).format(**columns, is_absent=absent) for name, text in texts.items()}
        for direction, columns in OF_DIRECTION.items()
    }


with statements(__file__) as named:
    SETTINGS = named("settings")
    STAGED = named("staged")
    SEEN_AGAIN = named("seen_again")
    _FOR_DIRECTION = for_direction(lost=named("lost"), missing=named("missing"))
    DROP = named("drop")
    _BOTH_WHOLE = named("both_whole")
    _COUNT = named("count")
    PROFILE = named("profile")


async def take_away(conn: WorkerConnection, where: Mapping[str, Any], judged: Verdict) -> tuple[int, int]:
    """The numbers of people that the list ends and of those that it misses for the first time.

    A whole list alone ends stays: at once if it is exact, else if one six hours before missed them, too.
    """
    by = miss_cutoff(judged, where["at"])
    if by is None:
        return 0, 0
    of = _FOR_DIRECTION[where["direction"]]
    lost = (await conn.execute(of["lost"], {**where, "missed_by": by})).rowcount
    return lost, 0 if judged.exact else (await conn.execute(of["missing"], where)).rowcount


async def classes(conn: WorkerConnection, where: Mapping[str, Any]) -> dict[str, int | None]:
    """The classes that need both lists; unknown (None) unless the newest run of each was whole."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        known = await (await cursor.execute(_BOTH_WHOLE, where)).fetchone()
    if not known:
        return {"mutual": None, "fans": None, "not_following_back": None}
    return await (await conn.execute(_COUNT, where)).fetchone() or {}
