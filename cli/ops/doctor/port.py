"""Checks that the web can listen where the settings say, or does so already."""

from __future__ import annotations

import json
from secrets import token_hex

from cli.ops.doctor.check import Check, wrong
from cli.ops.launcher import require_free
from cli.ops.local_http import fetch
from shared.domain.input.hosts import Host
from shared.errors import ConfigError, PortTaken
from shared.installation import is_proof, own_secret
from shared.settings import Settings

_PATIENCE = 5


def port(settings: Settings) -> Check:
    """Whether HOST and PORT are free, or this installation's own web answers there."""
    return _looked("port", "PORT", settings.port, settings)


def health_port(settings: Settings) -> Check:
    """The same check for HEALTH_PORT."""
    return _looked("health port", "HEALTH_PORT", settings.health_port or 0, settings)


def _looked(name: str, setting: str, number: int, settings: Settings) -> Check:
    where, shown = Host.parse(settings.host), f"HOST={settings.host} {setting}={number}"
    try:
        require_free(where.listen, number)
    except PortTaken:
        secret = own_secret(settings.secret_key, settings.data_dir)
        taken = wrong(name, f"{shown} is taken: something listens there", f"Set {setting} to another one.")
        return _answering(name, where.url(number), shown, secret) or taken
    except ConfigError as error:
        return wrong(name, error.sentence.replace("PORT=", f"{setting}="))
    return Check(name, True, f"{shown} is free" if number else f"{shown}: a free port is taken at the start")


def _answering(name: str, address: str, shown: str, secret: str | None) -> Check | None:
    """The Rollcall that answers there; None for any other program."""
    nonce = token_hex(16)
    try:
        status, body = fetch(f"{address}/healthz?nonce={nonce}", _PATIENCE)
        answer = json.loads(body)
    except (OSError, ValueError):
        return None
    if not isinstance(answer, dict) or "proof" not in answer:
        return None
    if not is_proof(answer["proof"], secret, nonce):
        says = f"{shown} is taken: another installation of Rollcall answers there"
        return wrong(name, says, "Set another port, or look with that one's settings.")
    if status == 200:
        return Check(name, True, f"{shown} is this installation's own, and it answers")
    says = f"{shown} is this installation's own, and it answers that it is not well: {answer.get('status')}"
    return wrong(name, says, "The line about the database says more.")
