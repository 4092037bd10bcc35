"""A profile with people, stays, names, posts and days, written as the publishing transaction leaves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from shared.domain.exports import Format, What

Owner = psycopg.Connection[dict[str, Any]]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST = NOW - timedelta(days=40)
MONDAY, TUESDAY = NOW - timedelta(days=4), NOW - timedelta(days=3)


@dataclass
class Data:
    """Writes rows of one profile."""

    owner: Owner
    user_id: UUID
    profile_id: UUID

    @property
    def owned(self) -> tuple[UUID, UUID]:
        """Whose and which profile's a row is."""
        return self.user_id, self.profile_id

    def person(self, platform_id: str, username: str, **columns: Any) -> int:
        values = {
            "full_name": None,
            "is_private": None,
            "is_verified": None,
            "follows_me": False,
            "follows_me_since": None,
            "i_follow": False,
            "i_follow_since": None,
            **columns,
        }
        row = self.owner.execute(
            """insert into people (user_id, profile_id, platform_id, username, full_name, is_private, is_verified,
                follows_me, follows_me_since, i_follow, i_follow_since, first_seen_at, updated_at)
            values (%(user)s, %(profile)s, %(id)s, %(username)s, %(full_name)s, %(is_private)s, %(is_verified)s,
                %(follows_me)s, %(follows_me_since)s, %(i_follow)s, %(i_follow_since)s, %(now)s, %(now)s)
            returning id""",
            {"user": self.user_id, "profile": self.profile_id, "id": platform_id, "username": username, "now": NOW}
            | values,
        ).fetchone()
        assert row is not None
        made: int = row["id"]
        return made

    def stay(
        self,
        person: int,
        since: datetime,
        until: datetime | None = None,
        *,
        direction: str = "follower",
        known: str = "between",
        returned: bool = False,
    ) -> None:
        after = None if known == "before" else since - timedelta(days=1)
        until_after = None if until is None else until - timedelta(days=1)
        until_known = None if until is None else "between"
        self.owner.execute(
            """insert into stays (user_id, profile_id, person_id, direction, since, since_after, since_known,
                until, until_after, until_known, returned) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (*self.owned, person, direction, since, after, known, until, until_after, until_known, returned),
        )

    def follower(self, platform_id: str, username: str, since: datetime = FIRST, **columns: Any) -> int:
        """Someone who follows now."""
        known = columns.pop("known", "before" if since == FIRST else "between")
        made = self.person(platform_id, username, follows_me=True, follows_me_since=since, **columns)
        self.stay(made, since, known=known)
        return made

    def followed(self, platform_id: str, username: str, **columns: Any) -> int:
        """Someone whom the profile follows now, since the first reading."""
        made = self.person(platform_id, username, i_follow=True, i_follow_since=FIRST, **columns)
        self.stay(made, FIRST, direction="following", known="before")
        return made

    def run(self, direction: str, at: datetime, verdict: str = "whole", reason: str | None = None) -> None:
        self.owner.execute(
            """insert into list_runs (user_id, profile_id, direction, state, verdict, reason, observed_start,
                observed_end, ended_at) values (%s, %s, %s, 'PUBLISHED', %s, %s, %s, %s, %s)""",
            (self.user_id, self.profile_id, direction, verdict, reason, at, at, at),
        )

    def medium(self, platform_id: str, **columns: Any) -> None:
        values: Mapping[str, Any] = {
            "kind": "reel",
            "posted_at": NOW - timedelta(days=2),
            "first_seen_at": NOW,
            "last_seen_at": NOW,
            **columns,
        }
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        places = sql.SQL(", ").join(sql.Placeholder() * len(values))
        self.owner.execute(
            sql.SQL("insert into media (user_id, profile_id, platform_id, {}) values (%s, %s, %s, {})").format(
                names, places
            ),
            [self.user_id, self.profile_id, platform_id, *values.values()],
        )

    def day(self, day: str, **columns: Any) -> None:
        values = {"formula_version": 1, **columns}
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        places = sql.SQL(", ").join(sql.Placeholder() * len(values))
        self.owner.execute(
            sql.SQL("insert into profile_days (user_id, profile_id, day, {}) values (%s, %s, %s, {})").format(
                names, places
            ),
            [self.user_id, self.profile_id, day, *values.values()],
        )

    def request(self, what: What, form: Format = Format.CSV, period: str = "all") -> UUID:
        """An export and its job, as the web makes them."""
        export, job = uuid4(), uuid4()
        self.owner.execute(
            "insert into sync_jobs (id, user_id, profile_id, kind, args) values (%s, %s, %s, 'EXPORT', %s)",
            (job, self.user_id, self.profile_id, Jsonb({"export_id": str(export)})),
        )
        self.owner.execute(
            "insert into exports (id, user_id, profile_id, job_id, what, format, filters)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (export, self.user_id, self.profile_id, job, what, form, Jsonb({"period": period})),
        )
        return export

    def export(self, export: UUID) -> dict[str, Any]:
        """The row of an export."""
        row = self.owner.execute("select * from exports where id = %s", (export,)).fetchone()
        assert row is not None
        return row
