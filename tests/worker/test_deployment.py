"""A new deployment takes over from the old one in the middle of its walks, with the command of the image."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psutil
import pytest

from cli.ops.launcher import Child
from sandbox.crowd import Crowd, gather
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from tests.rig import audit
from tests.rig.desk import Desk, wait_for
from tests.rig.house import Database, environment
from tests.rig.image import entrypoint, here
from tests.rig.railway import service
from tests.rig.scratch import scratch

pytestmark = pytest.mark.slow
WORLD = Config(WorldConfig(followers=300, following=20, posts=3), TwoFactor.TOTP)
READING: LiteralString = """
    select count(distinct r.profile_id) as profiles from public.list_runs r join public.list_pages p on p.run_id = r.id
    where r.direction = 'follower' and r.state = 'WALKING' and p.page >= 2
"""
ATTEMPTS: LiteralString = """
    select j.kind, array_agg(a.outcome order by a.fence) as outcomes
    from public.sync_attempts a join public.sync_jobs j on j.id = a.job_id group by j.id, j.kind
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for a socket's path."""
    with scratch("rd") as name:
        yield Path(name)


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd(gather(2, 3, WORLD, "deployed"))
    yield made
    made.stop()


def deployed(folder: Path, name: str, environ: dict[str, str]) -> Child:
    child = Child(name, here([*entrypoint(), "worker"]), environ, (folder / f"{name}.log").open("wb"))
    child.start()
    return child


def logged(folder: Path, name: str, event: str) -> bool:
    return event in (folder / f"{name}.log").read_text(encoding="utf-8")


@pytest.mark.timeout(600)
def test_two_deployments_overlap_and_no_job_is_lost_none_is_doubled_and_no_browser_stays(
    crowd: Crowd, folder: Path
) -> None:
    database = Database(folder)
    desk = Desk(database, folder)
    person = desk.add_person("alice@example.org")
    profiles = [desk.add_profile(person, member) for member in crowd.members]
    worker = service("worker")
    environ = environment(database, folder, crowd.url) | {"PACE_SECONDS": "1"}
    environ |= {"WORKER_LEASE_SECONDS": "60", "WORKER_DRAIN_SECONDS": worker.env["WORKER_DRAIN_SECONDS"]}
    children = [deployed(folder, "old", environ)]
    try:
        for member in crowd.members:
            desk.log_in(member)
        assert wait_for(lambda: desk.quiet(0) is not None and reading(desk) == 2, 300), desk.busy()
        children.append(deployed(folder, "new", environ))
        assert wait_for(lambda: logged(folder, "new", "worker_started"), 240)
        old = children[0].process
        assert old is not None
        below = psutil.Process(old.pid).children(recursive=True)
        assert any("chrom" in process.name() for process in below)
        began = time.monotonic()
        old.send_signal(signal.SIGTERM)
        # What Railway gives it before it kills.
        assert old.wait(worker.draining) == 0
        print(f"drained in {time.monotonic() - began:.1f} s")
        assert wait_for(lambda: not [process for process in below if alive(process)], 120)
        assert desk.quiet(240) == []
        for row in desk.conn.execute(ATTEMPTS).fetchall():
            assert row["outcomes"] in (["COMPLETED"], ["DRAINED", "COMPLETED"]), row
        assert logged(folder, "old", '"job_drained"')
        for profile, member in zip(profiles, crowd.members, strict=True):
            world = member.site.world
            assert audit.events(desk.conn, profile, world) + audit.books(desk.conn, profile) == []
            assert audit.state(desk.conn, profile, world) == []
    finally:
        for child in children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
                child.process.wait(60)
            if child.output is not None:
                child.output.close()
        desk.conn.close()
        database.stop()


def alive(process: psutil.Process) -> bool:
    """Not so for what only waits to be reaped, which is the work of a container's first process."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def reading(desk: Desk) -> int:
    row = desk.conn.execute(READING).fetchone()
    assert row is not None
    return int(row["profiles"])
