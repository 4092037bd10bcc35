"""`rollcall import-insights` with a real database: old figures stand beside the official ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from cli.import_insights import import_file
from shared.domain.input.daily_figures import read
from shared.domain.metrics import Level, metrics_of
from shared.errors import InputError
from tests.conftest import Database, Personas

Owner = psycopg.Connection[dict[str, Any]]
NOW = datetime(2026, 11, 30, 18, tzinfo=UTC)
TODAY = date(2026, 12, 1)
METRICS = metrics_of("instagram", Level.ACCOUNT, daily=True)
FILE = b"\xef\xbb\xbfDate;reach;saved;impressions\n2026-10-01;120;;7\n2026-10-03;0;4.0;8\n"


def rows(owner: Owner) -> set[tuple[Any, ...]]:
    found = owner.execute("select source, metric, day, value, provisional from public.insight_days").fetchall()
    return {tuple(row.values()) for row in found}


async def test_old_figures_stand_beside_the_official_ones(
    owner: Owner, database: Database, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile_id = make_profile(people.alice, "ada")
    make_profile(people.bob, "bea")
    owner.execute(
        "insert into public.insight_days (profile_id, user_id, metric, source, day, value, provisional, captured_at)"
        " values (%s, %s, 'reach', 'instagram_login', '2026-10-01', 130, false, now())",
        (profile_id, people.alice),
    )
    said = await import_file(database.worker, FILE, "@Ada", NOW)
    assert said[0] == "@ada: 3 figures from 2026-10-01 to 2026-10-03, 3 of them new or changed."
    assert "Left out, as Rollcall has no such daily figure: impressions." in said
    assert rows(owner) == {
        ("instagram_login", "reach", date(2026, 10, 1), Decimal(130), False),
        ("legacy", "reach", date(2026, 10, 1), Decimal(120), False),
        ("legacy", "reach", date(2026, 10, 3), Decimal(0), False),
        ("legacy", "saves", date(2026, 10, 3), Decimal(4), False),
    }
    (span,) = owner.execute("select source, first_day, last_day, complete from public.insight_coverage").fetchall()
    assert span == {"source": "legacy", "first_day": date(2026, 10, 1), "last_day": date(2026, 10, 3), "complete": True}
    again = await import_file(database.worker, FILE, str(profile_id), NOW)
    assert again[0].endswith("0 of them new or changed.")


async def test_it_is_clear_which_profile_is_meant(
    database: Database, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    with pytest.raises(InputError, match="no such profile"):
        await import_file(database.worker, FILE, "ada", NOW)
    make_profile(people.alice, "ada")
    make_profile(people.bob, "ada")
    for wanted in (None, "ada"):
        with pytest.raises(InputError, match="Several profiles fit"):
            await import_file(database.worker, FILE, wanted, NOW)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column of days"),
        ("date,impressions\n2026-10-01,4\n", "no column of days"),
        ("date,reach\n", "no figure"),
        ("date,reach\n2026-10-01,n/a\n", "no figure"),
        ("date,saves,saved\n2026-10-01,1,1\n", "same figure"),
        ("date,reach\n01.10.2026,4\n", "Line 2: this is no day"),
        ("date,reach\n2026-10-01,4\n2026-10-01,4\n", "Line 3: the day 2026-10-01 stands there a second time"),
        ("date,reach\n2026-12-02,4\n", "still to come"),
        ("date,reach\n2026-10-01,-4\n", "this is no number"),
        ('date,reach\n2026-10-01,"1,200"\n', "this is no number"),
        ("date,reach\n2026-10-01,\u0664\n", "this is no number"),
        ('date,reach\n2026-10-01,"4\n', "no CSV file"),
        ("date,reach\n" + "2026-10-01,4\n" * 900_000, "larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_whole(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(text.encode(), METRICS, TODAY)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InputError, match="no CSV file"):
        read(b"date,reach\n\xff\xfe", METRICS, TODAY)
