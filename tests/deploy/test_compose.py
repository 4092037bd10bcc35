"""compose.yaml fits the schema of Compose, the image and the settings, and every secret is where it belongs."""

import re
import subprocess
import sys

from shared.settings import load, setting_fields
from tests.compose import FILE, OURS, SECRETS, document, environment, interpolated, services, variables
from tests.conftest import REPO
from tests.rig import image
from web.http import server

KNOWN = {f.metadata["name"]: f for f in setting_fields()}
HEALTH = ["CMD", *image.entrypoint()[2:], "health"]
# The image sets them, another service of the net would be needed for them, or Compose brings a part of its own.
NOT_HERE = {
    *("ROLLCALL_DATA_DIR", "HOST", "HEALTH_PORT", "LOG_FORMAT", "BROWSER_PATH", "BROWSER_HEADLESS"),
    *("SUPABASE_URL", "INSTAGRAM_BASE_URL"),
}


def test_the_file_fits_the_schema_of_compose() -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*checker, str(FILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_services_are_a_database_the_migration_step_the_web_and_the_worker_of_one_image() -> None:
    assert set(services()) == {"database", *OURS}
    assert {services()[name].image for name in OURS} == {"rollcall"}
    assert {document()["services"][name]["build"] for name in OURS} == {"."}
    assert [services()[name].command for name in OURS] == [[name] for name in OURS]


def test_every_variable_is_a_setting_and_its_value_is_one_that_it_takes() -> None:
    assert variables() <= set(KNOWN)
    for name in OURS:
        assert {variable.removesuffix("_FILE") for variable in services()[name].env} <= set(KNOWN), name
        load({key: value for key, value in environment(name).items() if not key.endswith("_FILE")})


def test_every_setting_that_is_no_secret_can_be_set() -> None:
    taken = variables().union(*(services()[name].env for name in OURS))
    assert {name for name, f in KNOWN.items() if not f.metadata["secret"]} - taken == NOT_HERE | {"SEALING_KEY"}


def test_a_secret_is_a_file_and_only_those_have_it_that_need_it() -> None:
    secret = {name for name, f in KNOWN.items() if f.metadata["secret"]}
    for service in services().values():
        assert secret.isdisjoint(service.env)
        files = {value for key, value in service.env.items() if key.endswith("_FILE")}
        assert files == {f"{SECRETS}{name}" for name in service.secrets}
    assert {name: set(service.secrets) for name, service in services().items()} == {
        "database": {"owner_password"},
        "migrate": {"owner_url"},
        "web": {"web_url", "secret_key", "sealing_key"},
        "worker": {"worker_url"},
    }
    assert {f"./secrets/{name}" for name in document()["secrets"]} == {
        body["file"] for body in document()["secrets"].values()
    }


def test_the_secrets_are_kept_out_of_git_and_of_the_image() -> None:
    assert "/secrets/" in (REPO / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "secrets" not in image.sent()


def test_only_the_port_of_the_web_is_published_and_only_to_this_machine() -> None:
    assert {name: [interpolated(port) for port in service.ports] for name, service in services().items()} == {
        "database": [],
        "migrate": [],
        "web": [f"127.0.0.1:8642:{image.environment()['PORT']}"],
        "worker": [],
    }


def test_the_worker_alone_has_the_key_ring_and_both_parts_share_the_files() -> None:
    (data,) = {found for word, rest in image.dockerfile() for found in re.findall(r"ROLLCALL_DATA_DIR=(\S+)", rest)}
    assert services()["web"].volumes == {f"{data}/exports": "files"}
    assert services()["worker"].volumes == {f"{data}/exports": "files", f"{data}/keys": "keys"}
    assert services()["migrate"].volumes == {}
    assert set(document()["volumes"]) == {"database", "files", "keys"}


def test_a_volume_covers_a_folder_that_the_image_made_for_its_user() -> None:
    (made,) = [rest for word, rest in image.dockerfile() if word == "RUN" and "install --directory" in rest]
    assert "--mode=700 --owner=rollcall" in made
    for name in ("web", "worker"):
        assert [target for target in services()[name].volumes if f" {target}" not in made] == []


def test_nothing_starts_before_the_schema_is_there() -> None:
    assert services()["migrate"].waits_for == {"database": "service_healthy"}
    for name in ("web", "worker"):
        assert services()[name].waits_for == {"migrate": "service_completed_successfully"}


def test_every_part_that_stays_has_a_health_check() -> None:
    assert services()["web"].health["test"] == services()["worker"].health["test"] == HEALTH
    assert services()["database"].health["test"][:2] == ["CMD", "pg_isready"]


def test_what_stops_gets_more_seconds_than_it_needs() -> None:
    def grace(name: str) -> float:
        return float(document()["services"][name]["stop_grace_period"].removesuffix("s"))

    assert grace("worker") >= 2 * load({}).worker_drain.total_seconds()
    assert grace("web") >= server.GRACE + 10
