"""Chromium and Playwright's driver run code of strangers: they see no secret of the worker that started them."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cli.ops.launcher import Child
from sandbox.crowd import Crowd, gather
from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Config
from sandbox.world.world import WorldConfig
from shared.db.reach import with_password
from shared.environment import needed_variables
from shared.settings import setting_fields
from shared.vault import keyfiles
from tests.rig.desk import Desk, wait_for
from tests.rig.house import Database, environment
from tests.rig.image import entrypoint, here
from tests.rig.scratch import scratch

WORLD = Config(WorldConfig(followers=60, following=20, posts=3), TwoFactor.NONE)
OTHERS = {
    "SECRET_KEY": "canary-of-the-web-" + "x" * 32,
    "SUPABASE_SECRET_KEY": "sb_secret_canary",
    "SUPABASE_JWT_SECRET": "canary-of-tokens-" + "x" * 32,
    "METRICS_TOKEN": "canary-of-measures",
    "PGPASSWORD": "canary-of-libpq",
    "ANOTHER_PROGRAMS_TOKEN": "canary-of-another-program",
}
SECRETS = {f.metadata["name"] for f in setting_fields() if f.metadata["secret"]}


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch("rd") as name:
        yield Path(name)


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd(gather(1, 3, WORLD, "children"))
    yield made
    made.stop()


def environs(pid: int) -> dict[str, dict[str, str]]:
    """The environment of every process below, by its name and number, as the system tells it."""
    found = {}
    for process in psutil.Process(pid).children(recursive=True):
        try:
            found[f"{process.name()} {process.pid}"] = process.environ()
        except psutil.Error:
            continue
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_process_below_the_worker_sees_a_secret_during_a_login(crowd: Crowd, folder: Path) -> None:
    database = Database(folder)
    desk = Desk(database, folder)
    desk.add_profile(desk.add_person("alice@example.org"), crowd.members[0])
    given = environment(database, folder, crowd.url) | OTHERS
    ring = keyfiles.load(Path(given["ROLLCALL_DATA_DIR"])).to_json()
    given |= {"WORKER_KEYS": ring}
    child = Child("worker", here([*entrypoint(), "worker"]), given, (folder / "worker.log").open("wb"))
    child.start()
    assert child.process is not None
    pid, seen = child.process.pid, dict[str, dict[str, str]]()
    try:
        desk.log_in(crowd.members[0])

        def renders() -> bool:
            seen.update(environs(pid))
            return sum("chrom" in name for name in seen) >= 3

        assert wait_for(renders, 300), desk.busy()
        assert desk.quiet(240) == []
        seen.update(environs(pid))
    finally:
        child.process.terminate()
        child.process.wait(60)
        if child.output is not None:
            child.output.close()
        desk.conn.close()
        database.stop()
    assert any("node" in name for name in seen), seen.keys()
    values = {*OTHERS.values(), ring, given["DATABASE_URL"]}
    for name, environ in seen.items():
        assert not {*SECRETS, *(f"{one}_FILE" for one in SECRETS), *OTHERS} & environ.keys(), name
        assert not [key for key, value in environ.items() if any(secret in value for secret in values)], name


def test_what_is_needed_is_where_things_are_and_no_setting() -> None:
    given = {"PATH": "/bin", "LC_ALL": "C", "DISPLAY": ":0", "HTTPS_PROXY": "http://p", "AWS_SECRET_ACCESS_KEY": "x"}
    names = {f.metadata["name"] for f in setting_fields()}
    settings = dict.fromkeys(names | {f"{name}_FILE" for name in names}, "x")
    assert needed_variables(given | settings) == {
        name: given[name] for name in ("PATH", "LC_ALL", "DISPLAY", "HTTPS_PROXY")
    }


def test_a_password_of_libpq_is_kept_in_the_address() -> None:
    assert "password=p" in with_password("postgresql://a@b/c", {"PGPASSWORD": "p"})
    assert with_password("postgresql://a:own@b/c", {"PGPASSWORD": "p"}) == "postgresql://a:own@b/c"
    assert with_password("postgresql://a@b/c", {}) == "postgresql://a@b/c"
