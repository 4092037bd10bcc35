"""A hosted project's database: we are not its superuser, `auth` is not ours, and its `auth.users` is the real table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

_SCRIPT = Path(__file__).with_name("database.sql")
_OLD_DEFAULTS = "".join(
    "alter default privileges for role project_owner in schema public"
    f" grant all on {what} to anon, authenticated, service_role;"
    for what in ("tables", "sequences", "functions")
)
_PUT: LiteralString = """
    insert into auth.users (id, email, encrypted_password) values (%s, %s, '')
    on conflict (id) do update set email = excluded.email, updated_at = now()
"""
_HAS_LOG: LiteralString = "select to_regclass('auth.audit_log_entries')"
_NOTE: LiteralString = """
    insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
    values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), %s, now(), '')
"""
_REMOVE: LiteralString = "delete from auth.users where id = %s"


@dataclass(frozen=True, slots=True)
class DatabaseUsers:
    """Writes accounts under a role that may, at this address."""

    url: str = field(repr=False)

    def put(self, user_id: UUID, email: str) -> None:
        """Adds the account, or changes its address."""
        with psycopg.connect(self.url) as conn:
            conn.execute(_PUT, (user_id, email))

    def remove(self, user_id: UUID) -> None:
        """Deletes the account and, by the database's own rules, all that is its own."""
        with psycopg.connect(self.url) as conn:
            conn.execute(_REMOVE, (user_id,))

    def note(self, user_id: UUID, email: str, action: str) -> None:
        """Adds an entry of the audit log, where this database has one; it keeps the address for good."""
        payload = {"action": action, "actor_id": str(user_id), "actor_username": email, "log_type": "account"}
        with psycopg.connect(self.url) as conn:
            if conn.execute(_HAS_LOG).fetchone() != (None,):
                conn.execute(_NOTE, (Jsonb(payload),))


@dataclass(frozen=True, slots=True)
class ProjectDatabase:
    """Addresses of the project's operator (`postgres` there), and of Supabase itself, for arranging and checking."""

    owner: str = field(repr=False)
    supabase: str = field(repr=False)

    @property
    def auth(self) -> str:
        """Auth's own address."""
        return make_conninfo(self.supabase, user="supabase_auth_admin")

    def sign_up(self, name: str) -> UUID:
        """A person as Supabase's Auth would write them down."""
        made = uuid4()
        DatabaseUsers(self.auth).put(made, f"{name}@example.org")
        return made


def ask_for_passwords(server_url: str, folder: Path, roles: Sequence[str]) -> None:
    """These roles need their passwords from now on, as all do on a hosted server; `folder` is the server's own."""
    rules = folder / "pg_hba.conf"
    rules.write_text(f"local all {','.join(roles)} scram-sha-256\n" + rules.read_text(encoding="utf-8"), "utf-8")
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute("select pg_reload_conf()")


@contextmanager
def database(server_url: str, *, old_defaults: bool = False, may_police: bool = True) -> Iterator[ProjectDatabase]:
    """A fresh project's database on a server of which this is the superuser's address.

    `old_defaults`: made before tables stopped being granted to everybody. `may_police` False: without the right to
    write policies for Storage.
    """
    name = f"p_{uuid4().hex[:12]}"
    url = make_conninfo(server_url, dbname=name)
    script = _SCRIPT.read_text(encoding="utf-8").replace(':"database"', name)
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with psycopg.connect(url, autocommit=True) as inside:
            inside.execute(script.encode())
            if old_defaults:
                inside.execute(_OLD_DEFAULTS.encode())
            if may_police:
                inside.execute("alter table storage.objects owner to policy_grants")
    yield ProjectDatabase(make_conninfo(url, user="project_owner"), url)
    # A connection of its own: the server may have been started again meanwhile.
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
