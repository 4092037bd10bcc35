"""The two login roles, and the check at start-up that row-level security binds the web's role."""

import re
import secrets
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.errors import DatabaseError

WEB = "rollcall_web"
WORKER = "rollcall_worker"
# The roles that the web acts as. Supabase's Data API signs in as `authenticator`, a member of neither.
PERSON = "rollcall_person"
NOBODY = "rollcall_anon"
POOLER = ".pooler.supabase.com"
_DIRECT = re.compile(r"db\.([a-z0-9]+)\.supabase\.co")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")

_UNSAFE = """
select format('%I.%I has row-level security switched off', n.nspname, c.relname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('public', 'rollcall') and c.relkind in ('r', 'p') and not c.relrowsecurity
union all
select format('%I is owned by the web''s role %s', c.relname, current_user)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('public', 'rollcall') and c.relkind in ('r', 'p')
   and pg_has_role(current_user, c.relowner, 'usage')
union all
select format('%I bypasses row-level security', r.rolname)
  from pg_roles r
 where (r.rolsuper or r.rolbypassrls) and pg_has_role(current_user, r.oid, 'member')
"""


def allow_login(url: str, role: str, password: str | None = None) -> str:
    """Lets `role` sign in and returns its address; `url` is the owner's. Only a trusting socket needs no password.

    Raises DatabaseError where the migrations have not made the role.
    """
    with psycopg.connect(url) as conn:
        change = sql.SQL("alter role {} login").format(sql.Identifier(role))
        if password is not None:
            change += sql.SQL(" password {}").format(sql.Literal(_scrambled(conn, role, password)))
        try:
            conn.execute(change)
        except psycopg.errors.UndefinedObject:
            raise DatabaseError(f"The role {role} is not there.", next_step="Run `rollcall migrate` first.") from None
    return address(url, login_name(url, role), password)


def _scrambled(conn: psycopg.Connection[Any], role: str, password: str) -> str:
    """The server's stored form of a password; the password itself is never sent and stands in no log."""
    return conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()


def login_name(url: str, role: str) -> str:
    """The user name of `role` at this address; Supabase's pooler wants the project's name behind the role's."""
    parts = conninfo_to_dict(url)
    host, (_, _, project) = str(parts.get("host", "")), str(parts.get("user", "")).partition(".")
    return f"{role}.{project}" if project and host.endswith(POOLER) else role


def elsewhere(url: str, at: str) -> str:
    """The owner's address at another host[:port] of the same database, with the user name that this host expects."""
    host, _, port = at.partition(":")
    parts = conninfo_to_dict(url)
    user, _, project = str(parts.get("user", "")).partition(".")
    here = str(parts.get("host", ""))
    if not here.endswith(POOLER):
        user = str(parts.get("user", ""))
        found = _DIRECT.fullmatch(here)
        project = found[1] if found else ""
    whole = f"{user}.{project}" if project and host.endswith(POOLER) else user
    return make_conninfo(url, host=host, port=port or "5432", user=whole)


def address(url: str, user: str, password: str | None = None) -> str:
    """`url` (of either form that libpq knows) for another user, as a postgresql:// URL."""
    parts = {k: str(v) for k, v in conninfo_to_dict(url, user=user, password=password).items() if v is not None}
    who, word = quote(parts.pop("user"), safe=""), parts.pop("password", "")
    database = quote(parts.pop("dbname", user), safe="")
    login = f"{who}:{quote(word, safe='')}" if word else who
    place = ""
    # libpq reads a socket's folder, several hosts or an IPv6 address after the question mark.
    if _NAME.fullmatch(parts.get("host", "")) and parts.get("port", "1").isdigit():
        place, port = parts.pop("host"), parts.pop("port", "")
        place += f":{port}" if port else ""
    return f"postgresql://{login}@{place}/{database}" + (f"?{urlencode(parts, quote_via=quote)}" if parts else "")


def new_password() -> str:
    """A random password, for programs only."""
    return secrets.token_urlsafe(32)


def require_row_security(conn: psycopg.Connection[Any]) -> None:
    """Raises DatabaseError unless row-level security binds the connected role on every table of ours."""
    rows = conn.execute(_UNSAFE).fetchall()
    faults = [str(next(iter(row.values())) if isinstance(row, dict) else row[0]) for row in rows]
    if faults:
        raise DatabaseError(
            f"Refusing to start, because people could see each other's data: {'; '.join(sorted(faults))}.",
            next_step=f"Connect the web as {WEB} (see docs/running.md) and run `rollcall migrate`.",
        )
