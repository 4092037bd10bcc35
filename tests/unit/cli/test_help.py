"""`--help` of every command: no sentence is cut, and the program has its own name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from rollcall import main
from shared.release import VERSION
from tests.conftest import REPO


def groups(at: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Group]]:
    """The group and those below it, each with the words that lead there."""
    yield path, at
    with click.Context(at) as ctx:
        for name in at.list_commands(ctx):
            command = at.get_command(ctx, name)
            if isinstance(command, click.Group):
                yield from groups(command, (*path, name))


GROUPS = dict(groups(main))


def test_the_groups_are_found() -> None:
    assert {(), ("keys",), ("connect",), ("user",)} <= set(GROUPS)


@pytest.mark.parametrize("path", GROUPS, ids=lambda path: " ".join(path) or "rollcall")
@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_summary_is_cut(path: tuple[str, ...], width: int) -> None:
    shown = CliRunner().invoke(main, [*path, "--help"], terminal_width=width, prog_name="rollcall").output
    words = " ".join(shown.split())
    assert "..." not in words.replace("COMMAND [ARGS]...", "")
    group = GROUPS[path]
    with click.Context(group) as ctx:
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            assert command is not None
            whole = " ".join((command.help or "").split("\n\n")[0].split())
            first = whole.partition(". ")[0].removesuffix(".")
            assert f"{name} {first}" in words


@pytest.mark.parametrize("arguments", [["--help"], ["up", "--help"], ["user", "create", "--help"], ["odd"]])
def test_the_program_has_its_own_name(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(REPO / "rollcall.py"), *arguments], capture_output=True, text=True, check=False
    )
    assert "Usage: rollcall " in done.stdout + done.stderr
    assert "rollcall.py" not in done.stdout + done.stderr


def test_the_version_is_the_releases() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"rollcall, version {VERSION}\n"
