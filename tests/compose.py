"""compose.yaml as tests read it: its services, and the environment that a container of one gets."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import REPO

FILE = REPO / "compose.yaml"
OURS = ("migrate", "web", "worker")
SECRETS = "/run/secrets/"


@dataclass(frozen=True)
class Service:
    """One service as the file declares it; in `env` None stands for what the person's own environment says."""

    name: str
    image: str
    command: list[str]
    env: dict[str, str | None]
    secrets: list[str]
    volumes: dict[str, str]
    ports: list[str]
    waits_for: dict[str, str]
    health: dict[str, Any]


def document() -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    return read


@cache
def services() -> dict[str, Service]:
    """Every service of the file, by its name."""
    return {name: _service(name, body) for name, body in document()["services"].items()}


def _service(name: str, body: dict[str, Any]) -> Service:
    volumes = [place.split(":") for place in body.get("volumes", [])]
    return Service(
        name,
        body["image"],
        body.get("command", []),
        dict(body["environment"]),
        body["secrets"],
        {target: volume for volume, target in volumes},
        body.get("ports", []),
        {other: wait["condition"] for other, wait in body.get("depends_on", {}).items()},
        body["healthcheck"],
    )


def interpolated(value: str) -> str:
    """A value with the defaults of its variables, as Compose reads it where the person sets none."""
    while (found := re.search(r"\$\{\w+(?::-((?:[^${}])*))?\}", value)) is not None:
        value = value[: found.start()] + (found[1] or "") + value[found.end() :]
    return value


def variables() -> set[str]:
    """What the file takes from the person's environment by `${NAME}`."""
    return set(re.findall(r"\$\{(\w+)", FILE.read_text(encoding="utf-8")))


def environment(name: str) -> dict[str, str]:
    """What Compose sets in a container of the service where the person sets nothing."""
    return {key: interpolated(value) for key, value in services()[name].env.items() if value is not None}
