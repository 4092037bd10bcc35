"""Observes a row under its fault, and after it."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from shared.domain.jobs import JobKind
from tests.reliability.rows import Row
from tests.reliability.stage import House, Outcome
from tests.rig import audit

_BESIDE = ("static", "picture")
# The pages of a login, and those to which the site leads whoever asked for another.
_UNCOUNTED = {
    *_BESIDE,
    *("login", "log_in", "two_factor", "answer_challenge", "save_login", "home", "suspicion", "consent", "suspended"),
}
_TABLES: tuple[LiteralString, ...] = (
    "select to_jsonb(t) as row from public.sync_jobs t where profile_id = %s",
    "select to_jsonb(t) as row from public.sync_attempts t where profile_id = %s",
    "select to_jsonb(t) as row from public.alerts t where profile_id = %s",
    "select to_jsonb(t) as row from public.list_runs t where profile_id = %s",
    "select to_jsonb(t) as row from public.profiles t where id = %s",
)


def asked(there: House, row: Row) -> int:
    """How many pages and answers the account was asked for; what a page loads besides is not counted."""
    counted = there.members[row.key].site.requests
    return counted.total() - sum(counted[name] for name in _BESIDE)


def look(there: House, row: Row, job: UUID, outcome: Outcome) -> None:
    """What is told while the fault is still there."""
    member, profile = there.members[row.key], there.profile(row)
    outcome.requests += asked(there, row)
    outcome.counted = _counted(there, profile)
    outcome.asked = sum(number for name, number in member.site.requests.items() if name not in _UNCOUNTED)
    outcome.notes = {"asked": dict(member.site.requests)}
    outcome.job = there.desk.job(job)
    outcome.profile = there.desk.profile(profile)
    conn = there.desk.conn
    outcome.alerts = conn.execute(
        "select kind, message from public.alerts where profile_id = %s order by id", [profile]
    ).fetchall()
    runs = conn.execute("select verdict from public.list_runs where job_id = %s and state = 'PUBLISHED'", [job])
    media = conn.execute("select verdict from public.media_runs where job_id = %s", [job])
    outcome.verdicts = [run["verdict"] for run in (*runs.fetchall(), *media.fetchall())]
    outcome.during = audit.events(conn, profile, member.site.world)
    outcome.doubled = audit.books(conn, profile)


def _counted(there: House, profile: UUID) -> int:
    """How many requests the profile's budget counts."""
    row = there.desk.conn.execute(
        "select day_spent from public.request_budget where profile_id = %s", [profile]
    ).fetchone()
    return int(row["day_spent"]) if row else 0


def look_again(there: House, row: Row, outcome: Outcome) -> None:
    """What is told once the trouble is over."""
    member, profile, conn = there.members[row.key], there.profile(row), there.desk.conn
    world = member.site.world
    match row.work:
        case JobKind.SYNC_MEDIA:
            outcome.after = audit.media(conn, profile, world)
        case JobKind.SYNC_STORIES:
            outcome.after = audit.stories(conn, profile, world)
        case JobKind.EXPORT:
            outcome.after = _left_of_exports(there, profile)
        case _:
            outcome.after = audit.people(conn, profile, "follows_me", world.population.followers, world)
    outcome.doubled += audit.events(conn, profile, world) + audit.books(conn, profile)
    outcome.secrets = _secrets_in_the_open(there, row)


def _left_of_exports(there: House, profile: UUID) -> list[str]:
    """What is wrong with the folder: it holds the files that a row knows, whole, and no others."""
    rows = there.desk.conn.execute(
        "select path, byte_count from public.exports where profile_id = %s and path is not null", [profile]
    ).fetchall()
    folder = there.folder / "exports"
    known = {row["path"]: row["byte_count"] for row in rows}
    found = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    return [] if known == found and known else [f"the rows know {known}, the folder holds {found}"]


def _secrets_in_the_open(there: House, row: Row) -> list[str]:
    """Which of the account's secrets stand in the log or in a row, by name."""
    member = there.members[row.key]
    account, site = member.site.account, member.site
    canaries = {
        "password": [member.credentials.password],
        "authenticator secret": [account.totp_secret or "none"],
        "backup code": member.credentials.backup_codes,
        "session": [token.rsplit(":", 1)[1] for token in site.sessions.tokens()],
        "code": [message.code for message in account.messages if len(message.code) >= 8],
    }
    profile = there.profile(row)
    rows = [str(found["row"]) for table in _TABLES for found in there.desk.conn.execute(table, [profile]).fetchall()]
    text = "\n".join([there.log.read_text(encoding="utf-8", errors="replace"), *rows])
    return [name for name, values in canaries.items() if any(value in text for value in values)]
