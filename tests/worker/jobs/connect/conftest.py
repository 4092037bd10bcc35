"""A desk over a platform that can be read in two ways."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from shared.db.declarations import declare
from shared.platforms import PLATFORMS
from tests.conftest import Database, Personas
from tests.rig.two_ways import TWO_WAYS, World
from tests.worker.both_ways import Desk, with_world
from tests.worker.handling import Pool, services_for


@pytest.fixture
def desk(
    owner: psycopg.Connection[dict[str, Any]],
    worker_pool: Pool,
    database: Database,
    people: Personas,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """Alice's desk, with both ways in declared as `rollcall migrate` would."""
    monkeypatch.setitem(PLATFORMS, TWO_WAYS.name, TWO_WAYS)
    with psycopg.connect(database.owner) as conn:
        declare(conn)
    world = World(followers=["bob", "cid", "dan"])
    return Desk(owner, worker_pool, with_world(services_for(worker_pool), world), world, people.alice)
