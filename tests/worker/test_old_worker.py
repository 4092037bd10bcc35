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
from tests.rig.expansion import BASELINE_END
from tests.worker.export_data import NOW, Data

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=REPO, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


def _baseline() -> str:
    """The commit that made the baseline what it is."""
    files = [f"supabase/migrations/{m.version}_{m.name}.sql" for m in available() if int(m.version) <= BASELINE_END]
    return _git("log", "-1", "--format=%H", "--", *files).decode().strip()


def _before_newest() -> str:
    """The commit before the one that added the newest migration after the baseline; empty where there is none."""
    newest = available()[-1]
    if int(newest.version) <= BASELINE_END:
        return ""
    name = f"supabase/migrations/{newest.version}_{newest.name}.sql"
    came = _git("log", "--diff-filter=A", "-1", "--format=%H", "--", name).decode().strip()
    return f"{came}^" if came else ""


@pytest.fixture(scope="module", params=[_baseline, _before_newest])
def older(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as it was when the baseline was finished, and before the newest migration."""
    commit = request.param()
    archived = _git("archive", commit) if commit else b""
    if not archived:
        pytest.skip("this clone has no such commit")
    folder = tmp_path_factory.mktemp("older")
    with tarfile.open(fileobj=io.BytesIO(archived)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_the_checkout_before_has_no_migration_that_is_not_here(older: Path) -> None:
    names = {path.name for path in (older / "supabase" / "migrations").glob("*.sql")}
    assert names <= {path.name for path in (REPO / "supabase" / "migrations").glob("*.sql")}


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
    make_job(people.bob, going, "DELETE_PROFILE")
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
