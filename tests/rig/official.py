"""Official figures of one profile, written as the worker would have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

READ_AT = datetime.fromisoformat("2026-11-30T18:00:00+00:00")


@dataclass
class Figures:
    """Each method writes rows as the owner of the database."""

    owner: psycopg.Connection[dict[str, Any]]
    user: UUID
    profile: UUID
    source: str = "google"

    def _insert(self, table: str, **columns: Any) -> None:
        given = {"user_id": self.user, "profile_id": self.profile, "source": self.source, **columns}
        names, places = ", ".join(given), ", ".join(["%s"] * len(given))
        self.owner.execute(f"insert into public.{table} ({names}) values ({places})".encode(), list(given.values()))

    def day(self, metric: str, day: date, value: float, *, provisional: bool = False) -> None:
        self._insert("insight_days", metric=metric, day=day, value=value, provisional=provisional, captured_at=READ_AT)

    def days(self, metric: str, first: date, *values: float) -> None:
        """Days that follow each other."""
        for number, value in enumerate(values):
            self.day(metric, first + timedelta(days=number), value)

    def total(self, metric: str, first: date, last: date, value: float, *, provisional: bool = False) -> None:
        self._insert(
            "insight_totals",
            metric=metric,
            first_day=first,
            last_day=last,
            value=value,
            provisional=provisional,
            captured_at=READ_AT,
        )

    def cover(self, first: date, last: date, *, complete: bool = True) -> None:
        self._insert("insight_coverage", first_day=first, last_day=last, complete=complete, renewed_at=READ_AT)

    def refuse(self, metric: str, code: str, since: datetime = READ_AT) -> None:
        self._insert("metric_refusals", metric=metric, code=code, since=since, last_at=READ_AT)

    def share(
        self, breakdown: str, keys: list[str], metric: str, value: float, last: date = date(2026, 11, 27)
    ) -> None:
        """One part of the audience of 90 days."""
        self._insert(
            "audience_shares",
            breakdown=breakdown,
            keys=keys,
            metric=metric,
            value=value,
            first_day=last - timedelta(days=89),
            last_day=last,
            captured_at=READ_AT,
        )


def fill(figures: Figures) -> None:
    """A channel with a gap, a break, provisional days, totals, a refused metric and an audience."""
    figures.days("views", date(2026, 8, 10), *range(100, 120))
    figures.days("views", date(2026, 11, 1), *range(100, 124))
    figures.day("views", date(2026, 11, 27), 140, provisional=True)
    for metric, value in (("views", 1234), ("watch_minutes", 567), ("average_view_seconds", 93.5), ("likes", 0)):
        figures.total(metric, date(2026, 11, 21), date(2026, 11, 27), value, provisional=True)
        figures.total(metric, date(2026, 10, 31), date(2026, 11, 27), value * 4)
    figures.refuse("shares", "report_refused")
    figures.cover(date(2026, 8, 10), date(2026, 11, 29))
    for age, gender, value in (("age18-24", "female", 40.5), ("age65-", "user_specified", 30)):
        figures.share("age_gender", [age, gender], "viewer_percent", value)
    for name, keys in (("traffic", "YT_SEARCH"), ("traffic", "NO_LINK_OTHER"), ("content_type", "shorts")):
        figures.share(name, [keys], "views", 400)
        figures.share(name, [keys], "watch_minutes", 90.25)
    figures.share("country", ["ZZ"], "views", 7)
    figures.refuse("subscribed", "report_refused")
