"""Publishes a reading of the tabs: the newest figures of every medium seen, and history rows only for changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from json import dumps
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.rows import scalar_row

from shared.db.pools import Row, WorkerConnection
from shared.db.statements import statements
from shared.domain.engagement import Engagement, Figures, ViewCount, choose, may_rate
from shared.domain.social import Media, MediaKind, MediaMetrics
from shared.domain.traversal.media_merge import newest, richer
from shared.domain.traversal.media_walk import Query, Tab, Verdict
from shared.errors import NotConnected
from shared.store import publishing
from shared.store.insights.figures import Owner
from shared.store.media import official_media, staging
from shared.store.media.staging import discard, from_json, stage

SOURCE = "browser"
_BATCH = 500

_LAST_WHOLE: LiteralString = """
    select max(observed_end) from public.media_runs where user_id = %s and profile_id = %s and verdict = 'whole'
"""

with statements(__file__) as named:
    _STAGED_PAGE = named("staged_page")
    _UPSERT = named("upsert")
    _METRICS = named("metrics")

# Pins lead both tabs, so a pinned medium that was not seen is no longer pinned.
_UNPIN: LiteralString = """
    update public.media m set is_pinned = false
    where m.user_id = %(user_id)s and m.profile_id = %(profile_id)s and m.is_pinned
        and not exists (
            select from public.media_staged s where s.run_id = %(run)s and s.platform_id = m.platform_id
        )
"""
_IN_ARCHIVE: LiteralString = """
    update public.media m set gone_at = s.observed_at, gone_as = 'archived'
    from public.media_staged s
    where s.run_id = %(run)s and s.user_id = %(user_id)s and m.user_id = %(user_id)s
        and m.profile_id = %(profile_id)s and m.platform_id = s.platform_id
"""
_RECORD: LiteralString = """
    insert into public.media_runs (id, user_id, profile_id, job_id, verdict, pages, seen, added, changed,
        observed_start, observed_end)
    select %(run)s, %(user_id)s, %(profile_id)s, %(job_id)s, %(verdict)s, %(pages)s, count(*), %(added)s, %(changed)s,
        min(observed_at), max(observed_at)
    from public.media_staged where run_id = %(run)s and user_id = %(user_id)s
    returning observed_end
"""
_OBSERVED: LiteralString = """
    update public.profiles set observed_at = greatest(observed_at, %s), updated_at = now()
    where id = %s and user_id = %s
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """The way in that read the media, whether rates may be worked out from its figures, and by which count of views."""

    source: str = SOURCE
    derives: bool = True
    rated_by: ViewCount = ViewCount.PLAYS


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished reading, completely staged."""

    run_id: UUID
    user_id: UUID
    profile_id: UUID
    job_id: UUID | None
    verdict: Verdict
    pages: int
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Published:
    """The numbers of media that the reading saw, of new ones, and of those with changed counts."""

    seen: int
    added: int
    changed: int


async def last_whole(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> datetime | None:
    """The platform's time of the last reading to the ends of both tabs; None without one."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        found: datetime | None = await (await cursor.execute(_LAST_WHOLE, [user_id, profile_id])).fetchone()
    return found


async def publish(conn: WorkerConnection, run: Finished) -> Published:
    """Writes the staged reading, inside the caller's transaction; a second call would write nothing twice.

    Raises NotConnected if the profile is gone.
    """
    where = {"run": run.run_id, "user_id": run.user_id, "profile_id": run.profile_id}
    if not await publishing.begin(conn, run.user_id, run.profile_id):
        raise NotConnected
    published = await _write(conn, where, run.origin)
    await _finish(conn, run, {**where, "added": published.added, "changed": published.changed})
    return published


async def add_archived(
    conn: WorkerConnection, user_id: UUID, profile_id: UUID, shown: Sequence[Media], observed_at: datetime
) -> int:
    """Stores media that the archive shows and no reading of the tabs ever did, as archived; returns their number.

    Raises NotConnected if the profile is gone.
    """
    where = {"run": uuid4(), "user_id": user_id, "profile_id": profile_id}
    if not await publishing.begin(conn, user_id, profile_id):
        raise NotConnected
    known = await staging.known_ids(conn, user_id, profile_id, shown)
    # The grid shows no archived medium, and stories have an archive of their own.
    new = [
        replace(one, in_grid=None) for one in shown if one.platform_id not in known and one.kind is not MediaKind.STORY
    ]
    await stage(conn, user_id, Query(profile_id, where["run"], True), Tab.POSTS, new, observed_at)
    published = await _write(conn, where, Origin())
    await conn.execute(_IN_ARCHIVE, where)
    await discard(conn, user_id, profile_id)
    return published.added


async def _write(conn: WorkerConnection, where: dict[str, Any], origin: Origin) -> Published:
    seen = added = changed = 0
    async for batch in _batches(conn, where):
        moved = [row for row in batch if _moved(row)]
        await conn.execute(_UPSERT, {**where, "rows": dumps([_medium(row, origin) for row in batch])})
        await conn.execute(_METRICS, {**where, "source": origin.source, "rows": dumps([_shown(row) for row in moved])})
        whose = Owner(where["user_id"], where["profile_id"], origin.source)
        await official_media.note(conn, whose, [from_json(row["payload"]) for row in batch])
        seen += len(batch)
        added += sum(row["id"] is None for row in batch)
        changed += sum(row["id"] is not None for row in moved)
    return Published(seen, added, changed)


async def _batches(conn: WorkerConnection, where: dict[str, Any]) -> AsyncIterator[list[Row]]:
    after = ""
    while batch := await (await conn.execute(_STAGED_PAGE, {**where, "after": after, "batch": _BATCH})).fetchall():
        after = batch[-1]["platform_id"]
        yield batch


async def _finish(conn: WorkerConnection, run: Finished, where: dict[str, Any]) -> None:
    if run.verdict in (Verdict.WHOLE, Verdict.RECENT):
        await conn.execute(_UNPIN, where)
    given = {**where, "job_id": run.job_id, "verdict": run.verdict, "pages": run.pages}
    async with conn.cursor(row_factory=scalar_row) as cursor:
        observed_end: datetime | None = await (await cursor.execute(_RECORD, given)).fetchone()
    await conn.execute(_OBSERVED, [observed_end, run.profile_id, run.user_id])
    await discard(conn, run.user_id, run.profile_id)


def _known(row: Row) -> MediaMetrics:
    return MediaMetrics(**{one.name: row[one.name] for one in fields(MediaMetrics)})


def _is_newer(row: Row) -> bool:
    return row["metrics_at"] is None or row["observed_at"] >= row["metrics_at"]


def _metrics(row: Row) -> MediaMetrics:
    return newest(_known(row), from_json(row["payload"])) if _is_newer(row) else _known(row)


def _moved(row: Row) -> bool:
    return row["id"] is None or _metrics(row) != _known(row)


def _shown(row: Row) -> dict[str, Any]:
    shown = from_json(row["payload"])
    return {
        "platform_id": row["platform_id"],
        "captured_at": row["observed_at"].isoformat(),
        **asdict(shown.metrics),
    }


def _medium(row: Row, origin: Origin) -> dict[str, Any]:
    """The new row of `media`, as JSON."""
    shown, metrics = from_json(row["payload"]), _metrics(row)
    kind = shown.kind if row["kind"] is None else richer(shown.kind, MediaKind(row["kind"]))
    engagement = _engagement(row, kind, metrics, origin)
    return {
        **{name: value for name, value in row["payload"].items() if name != "metrics"},
        **_words(row, shown),
        **asdict(metrics),
        "kind": kind,
        "metrics_at": (row["observed_at"] if _is_newer(row) else row["metrics_at"]).isoformat(),
        "followers_at_post": row["followers_at_post"],
        "er_formula": engagement and engagement.formula,
        "er_numerator": engagement and engagement.numerator,
        "er_denominator": engagement and engagement.denominator,
        "last_seen_at": row["observed_at"].isoformat(),
    }


def _engagement(row: Row, kind: MediaKind, metrics: MediaMetrics, origin: Origin) -> Engagement | None:
    if not origin.derives or not may_rate(origin.rated_by, from_json(row["payload"]).posted_at, row["observed_at"]):
        return None
    return choose(
        Figures(
            kind,
            metrics.likes,
            metrics.comments,
            saves=row["saves"],
            shares=metrics.shares,
            plays=getattr(metrics, origin.rated_by),
            reach=row["reach"],
            followers_at_post=row["followers_at_post"],
        )
    )


def _words(row: Row, shown: Media) -> dict[str, Any]:
    """The caption and its tags; the reels tab may leave it out, so only the grid shows that it was removed."""
    if shown.caption is None and not row["in_posts"] and row["caption"] is not None:
        return {"caption": row["caption"], "hashtags": row["hashtags"], "mentions": row["mentions"]}
    return {}
