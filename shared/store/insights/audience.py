"""Audience shares by source, breakdown and date. For the worker."""

from __future__ import annotations

from datetime import datetime
from json import dumps
from typing import LiteralString

from shared.db.pools import WorkerConnection
from shared.domain.insights import Audience
from shared.store.insights.figures import Owner

# A part that the platform shows no longer for this range goes with the others of its breakdown.
_CLEAR: LiteralString = """
    delete from public.audience_shares
    where user_id = %(user_id)s and profile_id = %(profile_id)s and source = %(source)s
        and first_day = %(first)s and last_day = %(last)s
"""
_SAVE: LiteralString = """
    insert into public.audience_shares
        (profile_id, source, breakdown, keys, metric, first_day, last_day, user_id, value, captured_at)
    select %(profile_id)s, %(source)s, r.breakdown, r.keys, r.metric, %(first)s, %(last)s, %(user_id)s, r.value, %(at)s
    from jsonb_to_recordset(%(rows)s) as r (breakdown text, keys text[], metric text, value numeric)
"""


async def save(conn: WorkerConnection, whose: Owner, audience: Audience, at: datetime) -> None:
    """Stores the audience of a range in place of an earlier reading of the same range; other ranges stay."""
    rows = [
        {"breakdown": one.breakdown, "keys": list(one.keys), "metric": one.metric, "value": str(one.value)}
        for one in audience.shares
    ]
    given = {**whose.values(), "first": audience.days.first, "last": audience.days.last, "at": at}
    await conn.execute(_CLEAR, given)
    await conn.execute(_SAVE, {**given, "rows": dumps(rows)})
