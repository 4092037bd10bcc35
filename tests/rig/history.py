"""Hand-made histories for the pages' tests: people, stays, readings and posts, written as the worker would have."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import psycopg

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_SPAN = """
    insert into public.stays (user_id, profile_id, person_id, direction, since, since_after, since_known, until,
        until_after, until_known, returned, why)
    values (%(user)s, %(profile)s, %(person)s, %(direction)s, %(since)s, %(since_after)s, %(since_known)s, %(until)s,
        %(until_after)s, %(until_known)s, %(returned)s, %(why)s)
"""


def days_ago(days: float) -> datetime:
    """A moment before the newest reading, which is NOW."""
    return NOW - timedelta(days=days)


@dataclass
class History:
    """One profile's history; each method writes rows as the owner of the database."""

    owner: psycopg.Connection[dict[str, Any]]
    user: UUID
    profile: UUID
    _ids: Any = field(default_factory=lambda: count(1))

    def person(self, username: str, **columns: Any) -> int:
        """Someone in neither list; their id."""
        number = next(self._ids)
        row = self.owner.execute(
            "insert into public.people (user_id, profile_id, platform_id, username, full_name, is_private, is_verified,"
            " first_seen_at, updated_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning id",
            (
                self.user,
                self.profile,
                f"{number:06}",
                username,
                columns.get("full_name"),
                columns.get("is_private", False),
                columns.get("is_verified", False),
                NOW,
                NOW,
            ),
        ).fetchone()
        assert row is not None
        return int(row["id"])

    def id_of(self, username: str) -> int:
        """The person who has this name."""
        row = self.owner.execute(
            "select id from public.people where profile_id = %s and username = %s", (self.profile, username)
        ).fetchone()
        assert row is not None
        return int(row["id"])

    def stay(
        self,
        person: int,
        since: datetime,
        until: datetime | None = None,
        *,
        known: str = "between",
        direction: str = "follower",
        returned: bool = False,
        why: str | None = None,
    ) -> None:
        """One stretch of following; an open one also shows in `people`."""
        day = timedelta(days=1)
        self.owner.execute(
            _SPAN,
            {
                "user": self.user,
                "profile": self.profile,
                "person": person,
                "direction": direction,
                "since": since,
                "since_after": None if known == "before" else since - day,
                "since_known": known,
                "until": until,
                "until_after": until - day if until else None,
                "until_known": "between" if until else None,
                "returned": returned,
                "why": why,
            },
        )
        if until is None and direction == "follower":
            self.owner.execute(
                "update people set follows_me = true, follows_me_since = %s where id = %s", (since, person)
            )
        elif until is None:
            self.owner.execute("update people set i_follow = true, i_follow_since = %s where id = %s", (since, person))

    def renamed(self, person: int, old: str, new: str, at: datetime) -> None:
        self.owner.execute(
            "insert into person_names (user_id, profile_id, person_id, username, renamed_to, renamed_at, renamed_after)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (self.user, self.profile, person, old, new, at, at - timedelta(days=1)),
        )

    def run(self, at: datetime, verdict: str = "whole", *, gained: int = 0, lost: int = 0, **columns: Any) -> None:
        """A published reading of a list, with the stays that it began and ended."""
        for _ in range(gained):
            self.stay(self.person(f"came{next(self._ids)}"), at)
        for _ in range(lost):
            self.stay(self.person(f"left{next(self._ids)}"), at - timedelta(days=365), at, known="before")
        self.owner.execute(
            "insert into list_runs (user_id, profile_id, direction, state, verdict, reason, seen, gained, lost, exact,"
            " observed_start, observed_end, ended_at, source)"
            " values (%s, %s, %s, 'PUBLISHED', %s, %s, %s, %s, %s, true, %s, %s, %s, %s)",
            (
                self.user,
                self.profile,
                columns.get("direction", "follower"),
                verdict,
                columns.get("reason"),
                columns.get("seen", 10),
                gained,
                lost,
                at,
                at,
                at,
                columns.get("source", "browser"),
            ),
        )

    def counted(self, at: datetime, followers: int) -> None:
        """The platform's counter at a moment, and on its day."""
        self.owner.execute(
            "insert into profile_counts (profile_id, captured_at, user_id, source, followers)"
            " values (%s, %s, %s, 'test', %s)",
            (self.profile, at, self.user, followers),
        )
        self.owner.execute(
            "insert into profile_days (profile_id, day, user_id, followers, formula_version, timezone)"
            " values (%s, %s, %s, %s, 1, 'UTC')"
            " on conflict (profile_id, day) do update set followers = excluded.followers",
            (self.profile, at.date(), self.user, followers),
        )

    def posted(self, at: datetime, posts: int) -> None:
        """A day with posts on which no one counted followers."""
        self.owner.execute(
            "insert into profile_days (profile_id, day, user_id, posts, formula_version, timezone)"
            " values (%s, %s, %s, %s, 1, 'UTC')",
            (self.profile, at.date(), self.user, posts),
        )

    def medium(self, platform_id: str, posted_at: datetime | None, **columns: Any) -> int:
        """A post or reel with these newest counts."""
        values = {
            "user_id": self.user,
            "profile_id": self.profile,
            "platform_id": platform_id,
            "kind": "image",
            "permalink": f"https://www.instagram.com/p/{platform_id}/",
            "posted_at": posted_at,
            "first_seen_at": NOW,
            "last_seen_at": NOW,
            **columns,
        }
        names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, values))
        places = psycopg.sql.SQL(", ").join(psycopg.sql.Placeholder() * len(values))
        statement = psycopg.sql.SQL("insert into public.media ({}) values ({}) returning id").format(names, places)
        row = self.owner.execute(statement, list(values.values())).fetchone()
        assert row is not None
        return int(row["id"])

    def insight(self, metric: str, value: float, at: datetime, **columns: Any) -> None:
        """A figure of an export that was made at this time: of the account, or of the medium at `posted_at`."""
        values = {
            "user_id": self.user,
            "profile_id": self.profile,
            "source": "data_download",
            "metric": metric,
            "value": value,
            "period": "range" if columns.get("ended_on") else "lifetime",
            "captured_at": at,
            **columns,
        }
        names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, values))
        places = psycopg.sql.SQL(", ").join(psycopg.sql.Placeholder() * len(values))
        self.owner.execute(
            psycopg.sql.SQL("insert into public.insights ({}) values ({})").format(names, places), list(values.values())
        )
