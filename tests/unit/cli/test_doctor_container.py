"""`rollcall doctor --hosted` finds the usual mistakes of a container, and says how to mend each."""

from datetime import timedelta
from pathlib import Path

import pytest

from cli.ops.doctor import container as doctor
from shared.settings import load

MB = 1024**2


def limited(folder: Path, text: str, name: str = "memory.max") -> Path:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="ascii")
    return folder


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_too_little_memory_for_the_jobs_is_told_with_the_number_that_fits(tmp_path: Path, name: str) -> None:
    check = doctor.browser_memory(load({}, worker_concurrency=4), limited(tmp_path, str(800 * MB), name))
    assert not check.ok
    assert check.says.startswith("800 MB here; 4 jobs")
    assert "WORKER_CONCURRENCY=2" in check.mend


def test_no_number_of_jobs_is_advised_where_none_fits(tmp_path: Path) -> None:
    check = doctor.browser_memory(load({}), limited(tmp_path, str(512 * MB)))
    assert not check.ok
    assert "WORKER_CONCURRENCY" not in check.mend


def test_enough_memory_is_well_and_no_limit_means_the_machines(tmp_path: Path) -> None:
    assert doctor.browser_memory(load({}), limited(tmp_path, str(1024 * MB))).ok
    unlimited = doctor.browser_memory(load({}), limited(tmp_path, "max\n")).says
    assert unlimited == doctor.browser_memory(load({}), tmp_path / "nowhere").says
    assert unlimited == doctor.browser_memory(load({}), limited(tmp_path, str(1 << 62))).says


def test_a_scratch_folder_is_measured(tmp_path: Path) -> None:
    assert f"{tmp_path} has " in doctor.browser_scratch(tmp_path).says


@pytest.mark.parametrize(
    ("environ", "ok"),
    [
        ({}, True),
        ({"RAILWAY_ENVIRONMENT_ID": "e"}, False),
        ({"RAILWAY_ENVIRONMENT_ID": "e", "RAILWAY_DEPLOYMENT_DRAINING_SECONDS": "10"}, False),
        ({"RAILWAY_ENVIRONMENT_ID": "e", "RAILWAY_DEPLOYMENT_DRAINING_SECONDS": "60"}, True),
    ],
)
def test_a_platform_that_kills_too_soon_is_told(environ: dict[str, str], ok: bool) -> None:
    check = doctor.time_to_stop(load({}, worker_drain=timedelta(seconds=20)), environ)
    assert (check.ok, "RAILWAY_DEPLOYMENT_DRAINING_SECONDS=60" in check.mend) == (ok, not ok)


def test_an_address_that_is_missing_or_open_is_told() -> None:
    assert "not set" in doctor.address(load({})).says
    assert "in the open" in doctor.address(load({"PUBLIC_URL": "http://rollcall.example.org"})).says
    assert doctor.address(load({"PUBLIC_URL": "https://rollcall.example.org"})).ok


def test_a_web_that_listens_inside_only_is_told() -> None:
    assert doctor.listening(load({})).mend == "Set HOST=0.0.0.0."
    assert doctor.listening(load({"HOST": "0.0.0.0", "PORT": "8080"})).ok


def test_a_proxy_that_hides_everybody_is_told() -> None:
    https = {"PUBLIC_URL": "https://rollcall.example.org"}
    assert "TRUSTED_PROXIES" in doctor.proxies(load(https)).mend
    assert doctor.proxies(load({**https, "TRUSTED_PROXIES": "1"})).ok
    assert doctor.proxies(load({})).ok


def test_each_process_is_asked_for_its_own_part() -> None:
    worker, web = {"browser memory", "browser scratch", "time to stop"}, {"address", "listening", "proxies"}
    assert set(doctor.checks(load({"WORKER_KEYS": "{}"}))) == worker
    assert set(doctor.checks(load({"SECRET_KEY": "s" * 40}))) == web
    assert set(doctor.checks(load({}))) == worker | web
