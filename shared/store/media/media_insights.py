"""Official figures of one medium, the newest of each metric, and the rate that follows from them. For the worker."""

from __future__ import annotations

from datetime import datetime
from json import dumps
from typing import LiteralString

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.engagement import Figures, ViewCount, choose
from shared.domain.insights import MediaFigures
from shared.domain.social import MediaKind
from shared.store.insights.figures import Owner
from shared.store.media.publish_media import Origin

_READ: LiteralString = """
    update public.official_media set read_at = now(), final_code = %(final)s
    where media_id = %(media)s and source = %(source)s and user_id = %(user_id)s
"""
_RATE: LiteralString = """
    update public.media set er_formula = %(formula)s, er_numerator = %(numerator)s, er_denominator = %(denominator)s
    where id = %(media)s and user_id = %(user_id)s
"""

with statements(__file__) as named:
    _SAVE = named("save")
    _COUNTS = named("counts")


async def save(
    conn: WorkerConnection, whose: Owner, media_id: int, found: MediaFigures, at: datetime, origin: Origin
) -> None:
    """Stores what was read `at` this time; an older reading never replaces a newer one.

    Reach, saves and shares become counts of the medium, too, and its rate is worked out where `origin` allows it.
    """
    given = {**whose.values(), "media": media_id, "at": at}
    await conn.execute(_READ, {**given, "final": found.final})
    rows = [{"metric": one.metric, "part": one.part, "value": str(one.value)} for one in found.figures]
    await conn.execute(_SAVE, {**given, "rows": dumps(rows)})
    counts = {"reach": found.reach, "saves": found.saves, "shares": found.shares}
    row = await (await conn.execute(_COUNTS, {**given, **counts})).fetchone()
    if row is None or not origin.derives:
        return
    plays = row["plays"] if origin.rated_by is ViewCount.PLAYS else row["views"]
    known = {name: row[name] for name in ("likes", "comments", "saves", "shares", "reach", "followers_at_post")}
    rate = choose(Figures(MediaKind(row["kind"]), plays=plays, **known))
    values = {
        "formula": rate and rate.formula,
        "numerator": rate and rate.numerator,
        "denominator": rate and rate.denominator,
    }
    await conn.execute(_RATE, {**given, **values})
