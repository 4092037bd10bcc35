"""One profile as it looks after three years: 1 M followers, 10 k media, daily runs. For the page bench only."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg

_SCRIPT = Path(__file__).with_name("pages_data.sql")
_USER: LiteralString = (
    "insert into auth.users (email, encrypted_password) values ('bench@example.org', '-') returning id"
)
_PROFILE: LiteralString = (
    "insert into public.profiles (user_id, platform, username, state)"
    " values (%s, 'instagram', 'harbour.light', 'CONNECTED') returning id"
)
_SESSION: LiteralString = "select rollcall.session_open(%s, %s, '1 day', 'bench', null)"


@dataclass(frozen=True, slots=True)
class Seeded:
    """The profile, its owner, and the token of one of the owner's sessions."""

    user_id: UUID
    profile_id: UUID
    token: str


def seed(owner_url: str, *, scale: float = 1.0) -> Seeded:
    """Fills a migrated database; `scale` 1.0 means 1 M followers, 10 k media, 1 095 days. Vacuums and analyses it."""
    token = secrets.token_urlsafe(32)
    with psycopg.connect(owner_url) as conn:
        user = _one(conn, _USER)
        profile = _one(conn, _PROFILE, user)
        values = {
            "user": user,
            "profile": profile,
            "scale": scale,
            "start": "2023-11-22T09:00:00+00:00",
            "end": "2026-11-20T09:00:00+00:00",
        }
        for statement in _SCRIPT.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                conn.execute(statement, values)
        _one(conn, _SESSION, user, hashlib.sha256(token.encode()).digest())
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute("vacuum (analyze)")
    return Seeded(user, profile, token)


def _one(conn: psycopg.Connection[Any], statement: LiteralString, *values: object) -> UUID:
    row = conn.execute(statement, values).fetchone()
    if row is None:
        raise LookupError("nothing was returned")
    made: UUID = row[0]
    return made
