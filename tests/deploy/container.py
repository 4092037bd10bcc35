"""A container of compose.yaml without Docker: its command as a process, in the environment that Compose would give it.

`python -m tests.deploy.container compose run … SERVICE [WORD …]` stands in for `docker`. The working folder is a
checkout; DATABASE_AT is the address of a PostgreSQL that plays the service `database`.
"""

import os
import sys
from pathlib import Path

from tests import compose
from tests.rig import image

DATA = "/home/rollcall/data"


def started(service: str, words: list[str], entrypoint: str | None = None) -> tuple[list[str], dict[str, str]]:
    """The command and the environment of a container of `service`."""
    app = Path.cwd()
    data = _folder(app.parent / service)
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ |= image.environment() | {"PYTHONPATH": str(app), "ROLLCALL_DATA_DIR": str(data)}
    environ |= {name: _mounted(service, app, value) for name, value in compose.environment(service).items()}
    if entrypoint is not None:
        return [entrypoint, *(word.replace(DATA, str(data)) for word in words)], environ
    return image.here([*image.entrypoint(), *(words or compose.services()[service].command)], app), environ


def _mounted(service: str, app: Path, value: str) -> str:
    """The path of a secret on this machine. Names of services lead nowhere here, so the database's is replaced."""
    if not value.startswith(compose.SECRETS):
        return value
    name = value.removeprefix(compose.SECRETS)
    assert name in compose.services()[service].secrets
    source = app / compose.document()["secrets"][name]["file"]
    target = _folder(app.parent / "mounted") / f"{service}-{name}"
    text = source.read_text(encoding="utf-8").replace("@database:5432/rollcall", os.environ["DATABASE_AT"])
    target.write_text(text, encoding="utf-8")
    return str(target)


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def main(words: list[str]) -> None:
    rest = iter(words)
    assert [next(rest), next(rest)] == ["compose", "run"]
    entrypoint = None
    for word in rest:
        if word == "--entrypoint":
            entrypoint = next(rest)
        elif not word.startswith("-"):
            command, environ = started(word, list(rest), entrypoint)
            os.execvpe(command[0], command, environ)


if __name__ == "__main__":
    main(sys.argv[1:])
