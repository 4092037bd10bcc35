"""Database checks of `rollcall doctor --hosted`: this process's role there, and missing parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.ops.doctor.check import Check, leave_out, wrong
from shared.db import migrate, roles

Connection = psycopg.Connection[Any]
Now = Callable[[], datetime]
_SKEW = timedelta(seconds=30)
_GRANT = re.compile(r"^grant\s+([^;]+?)\s+on\s+public\.(\w+)\s+to\s+(\w+)\s*;", re.M)
_COLUMNS = re.compile(r"\([^)]*\)")
_ALL = ("select", "insert", "update", "delete")
_AGAIN = "Run `rollcall migrate` as the database's owner."
_TRANSACTION_PORT = "6543"
POLICIES = (
    "rollcall_exports_delete",
    "rollcall_exports_select",
    "rollcall_imports_delete",
    "rollcall_imports_insert",
    "rollcall_imports_select",
)

_LOGINS: LiteralString = """
    select w.name, r.rolcanlogin, r.oid is not null
            and not exists (select from unnest(w.becomes) b left join pg_roles m on m.rolname = b
                where m.oid is null or not pg_has_role(r.oid, m.oid, 'member')) as becomes
    from (values (%s, array['rollcall_anon', 'rollcall_person']), (%s, array['service_role'])) as w (name, becomes)
    left join pg_roles r on r.rolname = w.name
"""
_LACKING: LiteralString = """
    select g.role, g.command, g.name
    from unnest(%s::text[], %s::text[], %s::text[]) as g (role, command, name)
    join pg_roles r on r.rolname = g.role
    join pg_class c on c.relname = g.name join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    where case g.command when 'delete' then not has_table_privilege(r.oid, c.oid, 'delete')
        else not has_any_column_privilege(r.oid, c.oid, g.command) end
    order by g.role, g.name, g.command
"""
_THERE: LiteralString = "select count(*) from pg_tables where schemaname = 'public' and tablename = any(%s)"
_OPEN: LiteralString = """
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relname = any(%s) and not c.relrowsecurity order by 1
"""
_BYPASSING: LiteralString = """
    select r.rolname from pg_roles r, pg_roles w
    where w.rolname = %s and (r.rolsuper or r.rolbypassrls) and pg_has_role(w.oid, r.oid, 'member')
"""
# The rights of the roles of Supabase's Data API on our tables, and the schemas that it serves.
_EXPOSED: LiteralString = """
    select distinct c.oid::regclass::text as name from pg_class c left join pg_attribute t on t.attrelid = c.oid,
        lateral (select e.grantee from aclexplode(c.relacl) e union select f.grantee from aclexplode(t.attacl) f) a
    where (c.relnamespace = to_regnamespace('rollcall')
            or c.relnamespace = 'public'::regnamespace and c.relname = any(%(tables)s))
        and (a.grantee = 0 or a.grantee in (select oid from pg_roles where rolname in ('anon', 'authenticated')))
    union all
    select p.oid::regproc::text || '()' from pg_proc p, aclexplode(p.proacl) a
    where p.pronamespace = to_regnamespace('rollcall')
        and a.grantee in (select oid from pg_roles where rolname in ('anon', 'authenticated'))
    union all
    select format('%%I, because %%I is a member of it', w.rolname, m.rolname) from pg_roles w, pg_roles m
    where w.rolname in ('rollcall_anon', 'rollcall_person', 'rollcall_web', 'rollcall_worker')
        and m.rolname in ('anon', 'authenticated', 'authenticator') and pg_has_role(m.oid, w.oid, 'member')
    order by name
"""
_SERVED: LiteralString = """
    select split_part(s, '=', 2) from pg_db_role_setting d join pg_roles r on r.oid = d.setrole, unnest(d.setconfig) s
    where r.rolname = 'authenticator' and split_part(s, '=', 1) = 'pgrst.db_schemas'
        and d.setdatabase in (0, (select oid from pg_database where datname = current_database()))
    order by d.setdatabase desc limit 1
"""
_STORAGE: LiteralString = """
    select exists (select from pg_tables where schemaname = 'storage' and tablename = 'objects'),
        array(select policyname::text from pg_policies where schemaname = 'storage' and tablename = 'objects')
"""


def login(conn: Connection) -> Check:
    """This process's role in the database; neither web nor worker may be the owner."""
    who = _user(conn)
    part = {roles.WEB: "the web's role", roles.WORKER: "the worker's role"}.get(
        who, "the owner's, for `rollcall migrate`"
    )
    return Check("login", True, f"signed in as {who}, {part}")


def pooler(conn: Connection) -> Check:
    """Whether transactions may meet different server processes: then there is no LISTEN and no lasting role."""
    if not shares_backends(conn):
        return Check("pooler", True, "a connection of its own (direct, or a session pooler)")
    if _user(conn) == roles.WEB:
        return Check("pooler", True, "a transaction pooler, which is enough for the web")
    mend = "Use the session pooler: the same host, port 5432. Only the web works behind a transaction pooler."
    return wrong("pooler", "a transaction pooler stands in between", mend)


def shares_backends(conn: Connection) -> bool:
    """True behind a transaction pooler: by its port, or because a second connection meets the first one's process."""
    if str(conn.info.port) == _TRANSACTION_PORT:
        return True
    again = psycopg.connect(_address(conn), autocommit=True, prepare_threshold=None)
    with again as other:
        for _ in range(3):
            first = _process(conn)
            with other.transaction():
                if _process(other) == first or _process(conn) != first:
                    return True
    return False


def logins(conn: Connection) -> Check:
    """Whether both roles exist, may sign in, and may become the roles that they need."""
    faults = []
    for name, may_sign_in, becomes in conn.execute(_LOGINS, [roles.WEB, roles.WORKER]):
        if may_sign_in is None:
            return Check("roles", False, f"{name} is missing", _AGAIN)
        faults += [] if may_sign_in else [f"{name} may not sign in"]
        if not becomes:
            return Check("roles", False, f"{name} is not a member of what it acts as", _AGAIN)
    mend = "Run `rollcall roles` as the database's owner and give both addresses to their services." if faults else ""
    return Check(
        "roles", not faults, "; ".join(faults) or f"{roles.WEB} and {roles.WORKER} may sign in", mend, bool(faults)
    )


def migrations(conn: Connection) -> Check:
    """Whether the schema is this version's; only its owner may see the history."""
    try:
        missing = migrate.missing(conn)
    except psycopg.errors.InsufficientPrivilege:
        return leave_out("migrations", "that takes the owner's DATABASE_URL")
    said = f"{len(missing)} are missing, the first is {missing[0]}" if missing else "all are applied"
    return Check("migrations", not missing, said, _AGAIN if missing else "")


def grants(conn: Connection) -> Check:
    """Whether the roles have what the migrations grant; Supabase grants nothing on new tables by itself."""
    if missing := _missing(conn):
        return Check("grants", False, f"tables that are missing: {missing}", _AGAIN)
    lacking = [f"{command} on {table} to {role}" for role, command, table in conn.execute(_LACKING, _granted())]
    if not lacking:
        return Check("grants", True, "every table is granted as it has to be")
    rest = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
    mend = f"As the owner: {'; '.join(f'grant {_statement(one)}' for one in lacking[:3])}{';' if not rest else '; …'}"
    return Check("grants", False, f"missing: {', '.join(lacking[:3])}{rest}", mend)


def row_security(conn: Connection) -> Check:
    """Whether row-level security holds on every table of ours, and for the web's role."""
    if missing := _missing(conn):
        return Check("row security", False, f"tables that are missing: {missing}", _AGAIN)
    switched_off = [row[0] for row in conn.execute(_OPEN, [migrate.tables()])]
    if switched_off:
        says = f"switched off on {', '.join(switched_off)}"
        mend = f"As the owner: {' '.join(f'alter table public.{t} enable row level security;' for t in switched_off)}"
        return wrong("row security", says, mend)
    past = [row[0] for row in conn.execute(_BYPASSING, [roles.WEB])]
    if past:
        own = f"alter role {roles.WEB} nosuperuser nobypassrls;"
        mend = f"As the owner: {own if past[0] == roles.WEB else f'revoke {past[0]} from {roles.WEB};'}"
        return wrong("row security", f"{roles.WEB} gets past it as {past[0]}", mend)
    return Check("row security", True, f"on for every table, and {roles.WEB} is bound by it")


def data_api(conn: Connection) -> Check:
    """The parts of ours that Supabase's Data API can reach, and its schemas where the database shows them."""
    exposed = [row[0] for row in conn.execute(_EXPOSED, {"tables": migrate.tables()})]
    row = conn.execute(_SERVED).fetchone()
    served = f"it serves {row[0]}" if row else "which schemas it serves is not said in this database"
    if not exposed:
        return Check("data api", True, f"nothing of ours is granted to anon or authenticated; {served}")
    rest = f" and {len(exposed) - 3} more" if len(exposed) > 3 else ""
    says = f"anon or authenticated may use {', '.join(exposed[:3])}{rest}; {served}"
    return wrong("data api", says, f"{_AGAIN} It takes back what was granted to them.")


def policies(conn: Connection) -> Check:
    """Whether people reach their own folder of both buckets."""
    row = conn.execute(_STORAGE).fetchone()
    if row is None or not row[0]:
        return leave_out("storage policies", "this database has no Storage")
    missing = [name for name in POLICIES if name not in row[1]]
    mend = f"{_AGAIN} If that says it may not, make them by hand: docs/hosting-database.md has them." if missing else ""
    says = f"missing: {', '.join(missing)}" if missing else "all are there"
    return Check("storage policies", not missing, says, mend)


def clock(conn: Connection, now: Now = lambda: datetime.now(UTC)) -> Check:
    """Whether this machine and the database agree on the time."""
    row = conn.execute("select clock_timestamp()").fetchone()
    ours = now()
    return skew("database clock", "the database's", row[0] if row else ours, ours)


def skew(name: str, whose: str, theirs: datetime, ours: datetime) -> Check:
    """Compares two clocks: tokens, links and leases depend on the time, so half a minute apart is too much."""
    apart = (ours - theirs).total_seconds()
    if abs(apart) <= _SKEW.total_seconds():
        return Check(name, True, f"within {_SKEW.total_seconds():.0f} s of {whose}")
    says = f"this machine's clock is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} {whose}"
    return wrong(name, says, "Let the system keep its time (NTP); a container takes it from its host.")


CHECKS: dict[str, Callable[[Connection], Check]] = {
    "login": login,
    "pooler": pooler,
    "roles": logins,
    "migrations": migrations,
    "grants": grants,
    "row security": row_security,
    "data api": data_api,
    "storage policies": policies,
    "database clock": clock,
}


def _statement(lacking: str) -> str:
    command, _, rest = lacking.partition(" on ")
    return f"{command} on public.{rest}"


def _missing(conn: Connection) -> int:
    row = conn.execute(_THERE, [migrate.tables()]).fetchone()
    return len(migrate.tables()) - (row[0] if row else 0)


def _granted() -> list[list[str]]:
    """Roles, commands and tables, side by side: each grant on a table that stands in a migration."""
    found: set[tuple[str, str, str]] = set()
    for migration in migrate.available():
        for commands, table, role in _GRANT.findall(migration.sql):
            words = [word.strip() for word in _COLUMNS.sub("", commands).split(",")]
            # A grant to Supabase's role counts for our own role now.
            role = roles.PERSON if role == "authenticated" else role
            found |= {(role, word, table) for word in (_ALL if words == ["all"] else words)}
    return [list(column) for column in zip(*sorted(found), strict=True)]


def _user(conn: Connection) -> str:
    row = conn.execute("select session_user::text").fetchone()
    return str(row[0]) if row else ""


def _process(conn: Connection) -> int:
    row = conn.execute("select pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0


def _address(conn: Connection) -> str:
    """The address of this connection, with its password."""
    info = conn.info
    given = conninfo_to_dict(info.dsn, password=info.password or None)
    return make_conninfo("", **given)
