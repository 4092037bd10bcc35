"""The newest posts of one profile, or of all profiles of a person. For the web, in tenant transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.db.statements import statements

with statements(__file__) as named:
    _NEWEST = named("newest")


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post or reel with its newest counts; None is "not known". `timezone` is the profile's."""

    profile_id: UUID
    platform: str
    username: str
    timezone: str
    id: int
    platform_id: str
    kind: str
    permalink: str | None
    caption: str | None
    posted_at: datetime
    likes: int | None
    comments: int | None
    plays: int | None
    views: int | None
    saves: int | None
    shares: int | None
    reach: int | None
    metrics_at: datetime | None
    er_formula: str | None
    er_numerator: int | None
    er_denominator: int | None

    @property
    def rate(self) -> float | None:
        """Interactions per hundred by its formula; None where either part is not known."""
        if self.er_numerator is None or not self.er_denominator:
            return None
        return 100 * self.er_numerator / self.er_denominator


def newest(conn: WebConnection, limit: int, profile_id: UUID | None = None) -> list[NewPost]:
    """The newest posts and reels that are still there, without stories; of this profile alone where one is named."""
    with conn.cursor(row_factory=class_row(NewPost)) as cursor:
        return cursor.execute(_NEWEST, {"limit": limit, "profile": profile_id}).fetchall()
