"""A database as a Supabase project has it, in a server of its own: we are not its superuser, and `auth` is not ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from shared.db import roles
from shared.db.embedded import embedded

_SCRIPT = Path(__file__).parent / "db" / "supabase_like.sql"
_OLD_DEFAULTS = "".join(
    "alter default privileges for role project_owner in schema public"
    f" grant all on {what} to anon, authenticated, service_role;"
    for what in ("tables", "sequences", "functions")
)
_PASSWORDS = f"local all {roles.WEB},{roles.WORKER} scram-sha-256\n"


@dataclass(frozen=True)
class ProjectDatabase:
    """Addresses: of whoever runs the project (`postgres` there), and of Supabase itself, for arranging and checking."""

    owner: str
    supabase: str

    def sign_up(self, name: str) -> UUID:
        """A person as Supabase's Auth would write them down."""
        made = uuid4()
        with psycopg.connect(make_conninfo(self.supabase, user="supabase_auth_admin"), autocommit=True) as conn:
            conn.execute("insert into auth.users (id, email) values (%s, %s)", (made, f"{name}@example.org"))
        return made


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The superuser's address of a server where our two roles need their passwords, as they do on a hosted one."""
    with embedded(folder, durable=False) as url:
        rules = folder / "postgres" / "pg_hba.conf"
        rules.write_text(_PASSWORDS + rules.read_text(encoding="utf-8"), encoding="utf-8")
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("select pg_reload_conf()")
        yield url


@contextmanager
def database(server_url: str, *, old_defaults: bool = False, may_police: bool = True) -> Iterator[ProjectDatabase]:
    """A fresh project's database.

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
        conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
