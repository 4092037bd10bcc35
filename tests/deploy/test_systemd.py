"""The example of a systemd unit starts a command that exists, with settings that exist."""

import os
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from rollcall import main
from shared.settings import load, setting_fields
from tests.conftest import REPO

UNIT = REPO / "docs" / "examples" / "rollcall.service"
PLACE = "/opt/rollcall/"


def lines(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.+)$", UNIT.read_text(encoding="utf-8"), re.M)


def test_the_command_is_in_the_checkout_and_its_word_is_a_command() -> None:
    (start,) = lines("ExecStart")
    program, *words = start.split()
    assert os.access(REPO / program.removeprefix(PLACE), os.X_OK)
    shown = CliRunner().invoke(main, [*words, "--help"])
    assert shown.exit_code == 0, shown.output


def test_its_variables_are_settings_and_folders_of_the_system() -> None:
    environ = dict(line.split("=", 1) for line in lines("Environment"))
    known = {f.metadata["name"] for f in setting_fields()}
    assert set(environ) - known == {"HOME", "XDG_CACHE_HOME"}
    assert str(load(environ).data_dir) == f"/var/lib/{lines('StateDirectory')[0]}"
    assert environ["XDG_CACHE_HOME"] == f"/var/cache/{lines('CacheDirectory')[0]}"


def test_it_waits_longer_for_the_end_than_the_worker_takes() -> None:
    assert float(lines("TimeoutStopSec")[0]) >= load({}).worker_drain.total_seconds() + 60


def test_the_page_that_it_names_is_there_and_names_it() -> None:
    (page,) = lines("Documentation")
    named = REPO / page.removeprefix(f"file://{PLACE}")
    assert "examples/rollcall.service" in named.read_text(encoding="utf-8")


def test_every_section_is_read_as_one() -> None:
    read = ConfigParser(strict=False, interpolation=None)
    read.read(UNIT, encoding="utf-8")
    assert read.sections() == ["Unit", "Service", "Install"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace(PLACE, f"{REPO}/"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    found = [line for line in (done.stdout + done.stderr).splitlines() if UNIT.stem in line]
    assert (done.returncode, found) == (0, [])
