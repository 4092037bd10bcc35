"""Reads the Dockerfile and Railway's configuration, for tests that run them or compare them with the code."""

import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import REPO

APP = "/opt/rollcall/app/"


def dockerfile() -> list[tuple[str, str]]:
    """The instructions in order, with continued lines joined and comments left out."""
    text = re.sub(r"^#.*\n", "", (REPO / "Dockerfile").read_text(encoding="utf-8"), flags=re.M).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def entrypoint() -> list[str]:
    """The command that every process of the image begins with."""
    found: list[str] = json.loads(dict(dockerfile())["ENTRYPOINT"])
    return found


def environment() -> dict[str, str]:
    """What the image sets, but for the paths that are its own."""
    set_by = " ".join(rest for word, rest in dockerfile() if word == "ENV")
    return {name: value for name, value in re.findall(r"(\w+)=(\S+)", set_by) if not value.startswith("/")}


def copied() -> list[str]:
    """What the last stage takes from this checkout."""
    return [rest.split()[0] for word, rest in dockerfile() if word == "COPY" and not rest.startswith("--from")][1:]


def sent() -> set[str]:
    """What .dockerignore lets through to the build."""
    lines = (REPO / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "*"
    return {line[1:] for line in lines if line.startswith("!")}


def build(folder: Path) -> Path:
    """Copies to `folder` what the image would hold of this checkout, and nothing else."""
    for name in copied():
        source = REPO / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def here(command: Sequence[str], app: Path = REPO) -> list[str]:
    """A command of the image with the files at `app` and this Python; without tini where that is not installed."""
    there = [word.replace(APP, f"{app}/") for word in command]
    if shutil.which("tini") is None:
        there = there[there.index("--") + 1 :]
    return [sys.executable if word == "python" else word for word in there]
