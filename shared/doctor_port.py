"""Whether the web can listen where the settings say, or does so already."""

from __future__ import annotations

import json
from secrets import token_hex

from shared.asking import asked
from shared.doctor_check import Check, wrong
from shared.domain.hosts import Host
from shared.errors import ConfigError
from shared.installation import is_proof, own_secret
from shared.launcher import require_free
from shared.settings import Settings

_PATIENCE = 5


def port(settings: Settings) -> Check:
    """Whether HOST and PORT are free, or this installation's own web answers there."""
    where, number = Host.parse(settings.host), settings.port
    shown = f"HOST={settings.host} PORT={number}"
    try:
        require_free(where.listen, number)
    except ConfigError as error:
        return _answering(where.url(number), shown, own_secret(settings.secret_key, settings.data_dir)) or wrong(
            "port", error.sentence, "Set PORT to another one." if "PORT" in error.sentence.split("=")[0] else ""
        )
    return Check("port", True, f"{shown} is free" if number else f"{shown}: a free port is taken at the start")


def _answering(address: str, shown: str, secret: str | None) -> Check | None:
    """What answers there, if it is a Rollcall; None for anything else."""
    nonce = token_hex(16)
    try:
        status, body = asked(f"{address}/healthz?nonce={nonce}", _PATIENCE)
        told = json.loads(body)
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict) or "proof" not in told:
        return None
    if not is_proof(told["proof"], secret, nonce):
        says = f"{shown} is taken: another installation of Rollcall answers there"
        return wrong("port", says, "Set PORT to another one, or look with that one's settings.")
    if status == 200:
        return Check("port", True, f"{shown} is this installation's own, and it answers")
    says = f"{shown} is this installation's own, and it answers that it is not well: {told.get('status')}"
    return wrong("port", says, "The line about the database says more.")
