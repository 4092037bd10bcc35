"""Upgrading without downtime: the worker of an older version works on the schema of today."""

import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.db import roles
from shared.db.migrate import available
from shared.domain.exports import What
from shared.domain.jobs import JobKind
from shared.vault import keyfiles
from tests.conftest import REPO, Database, Personas
from tests.rig.expansion import FIRST_RELEASE
from tests.worker.export_data import NOW, Data

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=REPO, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


@pytest.fixture(scope="module", params=["first", "newest"])
def older(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as it was before the first migration that had to expand, and before the newest."""
    expansions = [m for m in available() if int(m.version) > FIRST_RELEASE]
    migration = expansions[0 if request.param == "first" else -1]
    name = f"supabase/migrations/{migration.version}_{migration.name}.sql"
    came = _git("log", "--diff-filter=A", "-1", "--format=%H", "--", name).decode().strip()
    archived = _git("archive", f"{came}^") if came else b""
    if not archived:
        pytest.skip(f"the commit before {name} is not in this clone")
    folder = tmp_path_factory.mktemp("older")
    with tarfile.open(fileobj=io.BytesIO(archived)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_the_checkout_before_has_fewer_migrations(older: Path) -> None:
    names = {path.name for path in (older / "supabase" / "migrations").glob("*.sql")}
    assert names < {path.name for path in (REPO / "supabase" / "migrations").glob("*.sql")}


def test_the_old_worker_does_its_work_on_the_new_schema(
    older: Path,
    owner: Owner,
    database: Database,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
    tmp_path: Path,
) -> None:
    data = Data(owner, people.alice, make_profile(people.alice, observed_at=NOW))
    data.follower("7", "stays")
    data.run("follower", NOW)
    export = data.request(What.FOLLOWERS)
    make_job(*data.owned, "DERIVE")
    going = make_profile(people.bob, "bob.test", state="DELETING")
    make_job(people.bob, going, "PURGE")
    known = (older / "shared" / "domain" / "jobs.py").read_text(encoding="utf-8")
    unknown = [kind for kind in JobKind if f'"{kind}"' not in known]
    for kind in unknown:
        make_job(people.charlie, None, kind)
    keyfiles.create(tmp_path, NOW)
    env = {
        **os.environ,
        "PYTHONPATH": str(older),
        "ROLLCALL_DATA_DIR": str(tmp_path),
        "DATABASE_URL": roles.address(database.owner, roles.WORKER),
    }
    worker = subprocess.Popen([sys.executable, str(older / "rollcall.py"), "worker"], env=env, cwd=older)
    try:
        deadline = time.monotonic() + 240
        while _states(owner, people.charlie) != ["COMPLETED"] * 3 and time.monotonic() < deadline:
            assert worker.poll() is None, "the old worker ended"
            time.sleep(0.2)
    finally:
        worker.terminate()
        worker.wait(60)
    assert _states(owner, people.charlie) == ["COMPLETED"] * 3
    assert data.export(export)["row_count"] == 1
    assert owner.execute("select 1 from profiles where id = %s", (going,)).fetchall() == []
    left = owner.execute("select state from sync_jobs where user_id = %s", (people.charlie,)).fetchall()
    assert left == [{"state": "PENDING"}] * len(unknown), "work that only the new version knows is left to it"


def _states(owner: Owner, charlie: UUID) -> list[str]:
    rows = owner.execute("select state from sync_jobs where user_id <> %s order by seq", (charlie,)).fetchall()
    return [row["state"] for row in rows]
