"""Cleans every text on its way to the database, so that PostgreSQL never refuses one."""

from __future__ import annotations

from psycopg import adapters
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.types.json import set_json_dumps

from shared.domain.input.text import dumps, storable


class StorableText(Dumper):
    """Sends a text without NUL and without halves of surrogate pairs; the statement decides its type."""

    def dump(self, obj: str) -> Buffer | None:
        return storable(obj).encode()


def install() -> None:
    """Installs the cleaning for every connection made from now on, texts inside JSON included."""
    adapters.register_dumper(str, StorableText)
    set_json_dumps(dumps)
