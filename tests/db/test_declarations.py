"""What the code declares of platforms and kinds of jobs is in the database, and the database holds jobs to it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.db.declarations import declare
from shared.domain.job_kinds import JOB_KINDS
from shared.domain.jobs import JobKind
from shared.domain.schedules import DEFAULTS
from shared.platforms import PLATFORMS
from tests.conftest import Database, Personas

Owner = psycopg.Connection[dict[str, Any]]


def test_every_platform_and_kind_is_there_and_nothing_else(owner: Owner) -> None:
    platforms = owner.execute("select name, label, ways_in, kinds from rollcall.platforms").fetchall()
    assert platforms == [
        {"name": one.name, "label": one.label, "ways_in": list(one.ways_in), "kinds": sorted(one.kinds)}
        for one in PLATFORMS.values()
    ]
    kinds = owner.execute("select name, has_lane, is_single, every, is_automatic from rollcall.job_kinds").fetchall()
    assert set(JOB_KINDS) == set(JobKind)
    assert {(row["name"], row["has_lane"], row["is_single"], row["every"]) for row in kinds} == {
        (kind, spec.lane, spec.single, spec.every) for kind, spec in JOB_KINDS.items()
    }
    assert {row["name"] for row in kinds if row["is_automatic"]} == {
        kind for kind, schedule in DEFAULTS.items() if schedule.is_automatic
    }


def test_what_each_way_in_offers_is_there_the_preferred_way_first(owner: Owner) -> None:
    rows = owner.execute("select platform, way_in, kind, rank from rollcall.offered_kinds").fetchall()
    assert {(row["platform"], row["way_in"], row["kind"], row["rank"]) for row in rows} == {
        (name, way, kind, rank)
        for name, one in PLATFORMS.items()
        for rank, way in enumerate(one.by_rank())
        for kind in one.offers(way)
    }


def test_what_a_way_in_offers_no_longer_is_removed_and_its_schedule_with_it(
    owner: Owner,
    database: Database,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_connection: Callable[..., UUID],
) -> None:
    profile = make_profile(people.alice)
    make_connection(profile)
    owner.execute(
        "insert into rollcall.offered_kinds (platform, way_in, kind, rank)"
        " values ('instagram', 'browser', 'SYNC_INSIGHTS', 0), ('instagram', 'pigeon', 'SYNC_MEDIA', 1)"
    )
    owner.execute("delete from rollcall.offered_kinds where way_in = 'browser' and kind = 'SYNC_MEDIA'")
    owner.execute("select rollcall.offer_schedules()")
    offered = "select is_offered, is_active from schedules where kind = 'SYNC_MEDIA'"
    assert owner.execute(offered).fetchone() == {"is_offered": False, "is_active": False}
    with psycopg.connect(database.owner) as conn:
        declare(conn)
    assert owner.execute(offered).fetchone() == {"is_offered": True, "is_active": True}
    kinds = owner.execute(
        "select way_in, kind from rollcall.offered_kinds"
        " where way_in in ('browser', 'pigeon') and kind in ('SYNC_INSIGHTS', 'SYNC_MEDIA') order by way_in"
    ).fetchall()
    # What another version declares stays.
    assert [(row["way_in"], row["kind"]) for row in kinds] == [("browser", "SYNC_MEDIA"), ("pigeon", "SYNC_MEDIA")]


def test_a_changed_declaration_is_written_and_what_another_version_declares_stays(
    owner: Owner, database: Database
) -> None:
    owner.execute(
        "insert into rollcall.job_kinds (name, has_lane, is_single, by_person) values ('OLD', true, true, false)"
    )
    owner.execute("update rollcall.job_kinds set by_person = false, takes_args = '{x}' where name = 'SYNC'")
    owner.execute("update rollcall.platforms set label = 'x'")
    with psycopg.connect(database.owner) as conn:
        declare(conn)
    (sync,) = owner.execute("select by_person, takes_args from rollcall.job_kinds where name = 'SYNC'").fetchall()
    assert sync == {"by_person": True, "takes_args": ["way_in"]}
    assert owner.execute("select 1 from rollcall.job_kinds where name = 'OLD'").rowcount == 1
    assert owner.execute("select label from rollcall.platforms").fetchall() == [
        {"label": one.label} for one in PLATFORMS.values()
    ]


def test_a_kind_or_platform_that_is_not_declared_is_refused(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        make_job(people.alice, make_profile(people.alice), "DANCE")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        make_profile(people.alice, "other", platform="friendster")
    with pytest.raises(psycopg.errors.CheckViolation, match="no way in of this name"):
        owner.execute(
            "insert into connections (user_id, profile_id, method) values (%s, %s, 'telegraph')",
            (people.alice, make_profile(people.alice, "third")),
        )


def test_a_new_kind_is_one_row(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> None:
    owner.execute(
        "insert into rollcall.job_kinds (name, has_lane, is_single, by_person) values ('DANCE', true, false, false)"
    )
    profile = make_profile(people.alice)
    made = [make_job(people.alice, profile, "DANCE") for _ in range(2)]
    lanes = owner.execute("select lane from sync_jobs where id = any(%s)", (made,)).fetchall()
    assert lanes == [{"lane": profile}] * 2
