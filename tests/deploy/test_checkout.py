"""Rollcall is run from a checkout or as the image: no wheel is built, and nothing needs one."""

import re
import tomllib

import pytest

from tests.conftest import REPO

COMMANDS = ["Dockerfile", ".ci/run", *(f"bin/{path.name}" for path in sorted((REPO / "bin").iterdir()))]


def test_the_project_has_no_build_system_and_installs_no_command() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    assert "build-system" not in project
    assert "scripts" not in project["project"]
    assert project["tool"]["uv"]["package"] is False


@pytest.mark.parametrize("path", COMMANDS)
def test_pip_installs_a_lock_and_nothing_else(path: str) -> None:
    text = (REPO / path).read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if re.search(r"\bpip[\"',]* +install\b|\"pip\", \"install\"", line)]
    assert not installs or "--require-hashes" in text
    assert not re.search(r"pip install (?:-e )?\.", text)
