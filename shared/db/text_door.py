"""The last door before the database: no text that PostgreSQL would refuse is ever sent to it."""

from __future__ import annotations

from psycopg import adapters
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.types.json import set_json_dumps

from shared.domain.input.text import dumps, storable


class StorableText(Dumper):
    """Sends a text without NUL and halves of surrogate pairs; its type is whatever the statement needs."""

    def dump(self, obj: str) -> Buffer | None:
        return storable(obj).encode()


def install() -> None:
    """Puts the door into every connection that is made from now on, texts inside JSON included."""
    adapters.register_dumper(str, StorableText)
    set_json_dumps(dumps)
