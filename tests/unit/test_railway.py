"""Railway's configuration and the page about it fit the code, and every secret is where it belongs and nowhere else."""

import re

import pytest
from click.testing import CliRunner

from rollcall import main
from shared.settings import load, setting_fields
from tests.conftest import REPO
from tests.rig.image import entrypoint
from tests.rig.railway import PRESERVED, service, services
from web.http import server
from web.ops import health

PAGE = (REPO / "docs" / "deploy-railway.md").read_text(encoding="utf-8")
KNOWN = {f.metadata["name"]: f for f in setting_fields()}
# What Railway itself reads; RAILWAY_* in its documentation of variables.
NO_LINES = {"error_code", "rollcall_web", "rollcall_worker", "service_role"}
PLATFORM = {"RAILWAY_DEPLOYMENT_DRAINING_SECONDS"}


def table() -> dict[str, dict[str, str]]:
    """The page's table of variables: what each service is to have."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|", PAGE, re.M)
    return {
        name: dict(zip(("migrate", "web", "worker"), (cell.strip() for cell in cells), strict=True))
        for name, *cells in rows
    }


def test_the_services_are_the_migration_step_the_web_and_the_worker_of_one_image() -> None:
    assert {name: found.start for name, found in services().items()} == {
        name: [*entrypoint(), name] for name in ("migrate", "web", "worker")
    }


@pytest.mark.parametrize("name", services())
def test_every_variable_is_a_setting_and_its_value_is_one_that_it_takes(name: str) -> None:
    env = service(name).env
    assert set(env) - PLATFORM <= set(KNOWN)
    load({variable: value for variable, value in env.items() if value != PRESERVED})


@pytest.mark.parametrize("name", services())
def test_no_secret_stands_in_the_file(name: str) -> None:
    secrets = {variable for variable in service(name).env if variable in KNOWN and KNOWN[variable].metadata["secret"]}
    assert {service(name).env[variable] for variable in secrets} <= {PRESERVED}


def test_each_secret_is_held_by_those_alone_that_need_it() -> None:
    def held_by(variable: str) -> set[str]:
        return {name for name, found in services().items() if variable in found.env}

    secrets = {name for name, f in KNOWN.items() if f.metadata["secret"]}
    assert held_by("WORKER_KEYS") == held_by("SUPABASE_SECRET_KEY") == {"worker"}
    assert held_by("GOOGLE_CLIENT_SECRET") == held_by("INSTAGRAM_APP_SECRET") == {"worker"}
    assert held_by("META_APP_SECRET") == {"worker"}
    assert held_by("TIKTOK_CLIENT_SECRET") == {"worker"}
    assert held_by("SECRET_KEY") == held_by("SUPABASE_JWT_SECRET") == held_by("SUPABASE_PUBLISHABLE_KEY") == {"web"}
    assert secrets & set(service("migrate").env) == {"DATABASE_URL"}


def test_what_stops_gets_more_seconds_than_it_needs() -> None:
    worker = service("worker")
    drain = load({"WORKER_DRAIN_SECONDS": worker.env["WORKER_DRAIN_SECONDS"]}).worker_drain.total_seconds()
    # After the drain a cancelled job closes its page, and the browser ends.
    assert worker.draining >= 2 * drain
    assert service("web").draining >= server.GRACE + 10


def test_the_health_check_is_the_webs_own_and_nobody_elses() -> None:
    assert service("web").healthcheck == health.PATH
    assert service("web").healthcheck_timeout is not None
    assert [found.healthcheck for name, found in services().items() if name != "web"] == [None, None]


def test_the_table_names_every_setting_and_says_of_each_service_what_the_file_says() -> None:
    told = table()
    assert set(told) == set(KNOWN) | PLATFORM
    for variable, cells in told.items():
        for name, cell in cells.items():
            value = service(name).env.get(variable)
            if value is None:
                assert cell in ("–", "**never**"), (variable, name)
            elif value == PRESERVED:
                assert cell in ("must", "may"), (variable, name)
            else:
                assert cell == f"`{value}`", (variable, name)


def test_what_a_service_may_never_have_is_marked() -> None:
    told = table()
    for name, f in KNOWN.items():
        if f.metadata["secret"] and name != "DATABASE_URL":
            assert set(told[name].values()) <= {"must", "may", "**never**"}, name


def test_the_retired_form_of_the_configuration_is_not_there() -> None:
    assert not [name for name in ("railway.toml", "railway.json") if (REPO / name).exists()]


def test_the_page_quotes_the_file_where_it_names_a_number() -> None:
    assert f"within {service('worker').draining} seconds" in PAGE
    assert f"within {service('web').healthcheck_timeout} seconds" in PAGE
    assert f"within {service('web').draining} seconds" in PAGE


def test_every_command_of_ours_on_the_page_takes_the_words_that_it_gets() -> None:
    commands = re.findall(r"^    bin/rollcall (.+)$", PAGE, re.M)
    assert commands
    for command in commands:
        words = [word for word in command.split() if not word.startswith("--")]
        shown = CliRunner().invoke(main, [*words, "--help"])
        assert shown.exit_code == 0, shown.output
        assert [word for word in command.split() if word.startswith("--") and word not in shown.output] == []


def test_every_line_of_the_log_that_the_page_names_is_written() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (REPO / "worker").rglob("*.py"))
    outcomes = {f"job_{outcome}" for outcome in ("completed", "failed", "drained")}
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", PAGE)) - outcomes - NO_LINES
    assert [name for name in named if f'"{name}"' not in source] == []
