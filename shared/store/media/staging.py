"""Staging table of a running media sync: one row per medium, sightings merged. For the worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from json import dumps
from typing import Any, LiteralString
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.social import Media, MediaKind, MediaMetrics, OfficialMedium, PlatformId
from shared.domain.traversal.media_merge import merge
from shared.domain.traversal.media_walk import Query, Sighting, Tab

_STAGED: LiteralString = """
    select platform_id, in_posts, in_reels, payload from public.media_staged
    where run_id = %s and user_id = %s and platform_id = any(%s)
"""
_KNOWN: LiteralString = """
    select platform_id from public.media where user_id = %s and profile_id = %s and platform_id = any(%s)
"""
_STAGE: LiteralString = """
    insert into public.media_staged as s
        (run_id, platform_id, user_id, profile_id, in_posts, in_reels, observed_at, posted_at, payload)
    select %(run)s, platform_id, %(user_id)s, %(profile_id)s, in_posts, in_reels, %(at)s, posted_at, payload
    from jsonb_populate_recordset(null::public.media_staged, %(rows)s)
    on conflict (run_id, platform_id) do update set in_posts = excluded.in_posts, in_reels = excluded.in_reels,
        observed_at = greatest(s.observed_at, excluded.observed_at), posted_at = excluded.posted_at,
        payload = excluded.payload
"""
_DISCARD: LiteralString = "delete from public.media_staged where user_id = %s and profile_id = %s"


async def discard(conn: WorkerConnection, user_id: UUID, profile_id: UUID) -> None:
    """Removes everything that earlier readings of this profile have staged."""
    await conn.execute(_DISCARD, [user_id, profile_id])


async def known_ids(conn: WorkerConnection, user_id: UUID, profile_id: UUID, media: Iterable[Media]) -> frozenset[str]:
    """The ids among these that are stored already."""
    ids = [str(one.platform_id) for one in media]
    rows = await (await conn.execute(_KNOWN, [user_id, profile_id, ids])).fetchall()
    return frozenset(row["platform_id"] for row in rows)


async def stage(
    conn: WorkerConnection, user_id: UUID, query: Query, tab: Tab, media: Sequence[Media], observed_at: datetime
) -> Sighting:
    """Stores a page of `tab`, merged with the run's earlier sightings, and reports what was new.

    Commit it together with the job's cursor.
    """
    ids = [str(one.platform_id) for one in media]
    before = await (await conn.execute(_STAGED, [query.run_id, user_id, ids])).fetchall()
    stored = await known_ids(conn, user_id, query.profile_id, media)
    seen = {row["platform_id"]: from_json(row["payload"]) for row in before}
    tabs = {row["platform_id"]: {tab for tab in Tab if row[f"in_{tab}"]} for row in before}
    new_in_run = len(set(ids) - seen.keys())
    new_in_tab = sum(tab not in tabs.get(one, ()) for one in set(ids))
    rows = [
        {
            "platform_id": one.platform_id,
            "in_posts": Tab.POSTS in (tab, *tabs.get(one.platform_id, ())),
            "in_reels": Tab.REELS in (tab, *tabs.get(one.platform_id, ())),
            "posted_at": one.posted_at and one.posted_at.isoformat(),
            "payload": to_json(one),
        }
        for one in _merged(seen, media)
    ]
    given = {"run": query.run_id, "user_id": user_id, "profile_id": query.profile_id, "at": observed_at}
    await conn.execute(_STAGE, {**given, "rows": dumps(rows)})
    return Sighting(stored, new_in_run, new_in_tab)


def _merged(seen: dict[str, Media], media: Iterable[Media]) -> list[Media]:
    shown: dict[str, Media] = {}
    for one in media:
        earlier = shown.get(one.platform_id) or seen.get(one.platform_id)
        shown[one.platform_id] = merge(earlier, one) if earlier else one
    return list(shown.values())


def to_json(media: Media) -> dict[str, Any]:
    """A medium as JSON; `from_json` is the reverse."""
    moments = {name: moment and moment.isoformat() for name, moment in _moments(media).items()}
    return {**asdict(media), **moments}


def from_json(data: dict[str, Any]) -> Media:
    """The medium that `to_json` wrote."""
    moments = {name: data[name] and datetime.fromisoformat(data[name]) for name in ("posted_at", "expires_at")}
    names = {name: tuple(data[name]) for name in ("hashtags", "mentions", "coauthors")}
    owner, official = data["owner_platform_id"], data.get("official")
    typed = {
        "platform_id": PlatformId(data["platform_id"]),
        "kind": MediaKind(data["kind"]),
        "owner_platform_id": owner and PlatformId(owner),
        "metrics": MediaMetrics(**data["metrics"]),
        "official": official and OfficialMedium(**official),
    }
    return Media(**{**data, **moments, **names, **typed})


def _moments(media: Media) -> dict[str, datetime | None]:
    return {"posted_at": media.posted_at, "expires_at": media.expires_at}
