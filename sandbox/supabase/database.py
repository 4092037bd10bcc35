"""`auth.users` in a real database, where a hosted project has it beside the tables that refer to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import LiteralString
from uuid import UUID

import psycopg

_PUT: LiteralString = """
    insert into auth.users (id, email, encrypted_password) values (%s, %s, '')
    on conflict (id) do update set email = excluded.email, updated_at = now()
"""
_REMOVE: LiteralString = "delete from auth.users where id = %s"


@dataclass(frozen=True, slots=True)
class DatabaseUsers:
    """Writes accounts as the database's owner, whose address this is."""

    url: str = field(repr=False)

    def put(self, user_id: UUID, email: str) -> None:
        """Adds the account, or changes its address."""
        with psycopg.connect(self.url) as conn:
            conn.execute(_PUT, (user_id, email))

    def remove(self, user_id: UUID) -> None:
        """Deletes the account and, by the database's own rules, all that is its own."""
        with psycopg.connect(self.url) as conn:
            conn.execute(_REMOVE, (user_id,))
