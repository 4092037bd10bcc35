"""Reads `.railway/railway.ts`, which is kept plain enough for that."""

import re
from dataclasses import dataclass

from tests.conftest import REPO

PRESERVED = "preserve()"


@dataclass(frozen=True)
class Service:
    """One service as the file declares it; `env` holds literals, and PRESERVED for what only Railway knows."""

    name: str
    start: list[str]
    env: dict[str, str]
    healthcheck: str | None
    healthcheck_timeout: int | None

    @property
    def draining(self) -> int:
        """Seconds between the signal to stop and the end."""
        return int(self.env["RAILWAY_DEPLOYMENT_DRAINING_SECONDS"])


def services() -> dict[str, Service]:
    """Every service of the file, by its name."""
    text = (REPO / ".railway" / "railway.ts").read_text(encoding="utf-8")
    prefix = _one(r'const rollcall = "([^"]+)";', text)
    blocks = re.findall(r'service\("(\w+)", \{\n(.*?)\n  \}\);', text, re.S)
    return {name: _service(name, body, prefix) for name, body in blocks}


def service(name: str) -> Service:
    return services()[name]


def _service(name: str, body: str, prefix: str) -> Service:
    entries = re.findall(r'^      (\w+): (?:"([^"]*)"|(preserve\(\))),$', _one(r"env: \{\n(.*?)\n    \}", body), re.M)
    timeout = re.search(r"healthcheckTimeout: (\d+),", body)
    path = re.search(r'healthcheck: "([^"]+)",', body)
    return Service(
        name,
        _one(r"start: `([^`]+)`", body).replace("${rollcall}", prefix).split(),
        {variable: PRESERVED if kept else value for variable, value, kept in entries},
        path and path[1],
        int(timeout[1]) if timeout else None,
    )


def _one(pattern: str, text: str) -> str:
    (found,) = re.findall(pattern, text, re.S)
    return str(found)
