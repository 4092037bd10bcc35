"""The tables of the account file, in one list, with the columns left out and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql


@dataclass(frozen=True, slots=True)
class AccountTable:
    """One table of the file: `means` describes a row, `without` names the columns left out."""

    name: str
    means: str
    without: tuple[str, ...] = ()

    def select(self) -> sql.Composed:
        """Every row of %(user_id)s as one JSON object, as text."""
        return sql.SQL(
            "select (to_jsonb(t) - %(without)s::text[])::text from public.{} t where user_id = %(user_id)s"
        ).format(sql.Identifier(self.name))


TABLES: tuple[AccountTable, ...] = (
    AccountTable("profiles", "an account that you connected, with its counters"),
    AccountTable("schedules", "how often a kind of sync of a profile is due, and when next"),
    AccountTable("connections", "a way into a profile", ("secret", "totp_secret", "login_secret")),
    AccountTable("people", "someone in a list of followers or of followed"),
    AccountTable("person_names", "an earlier name of someone; person_id is the id in people"),
    AccountTable("stays", "one stretch of someone following or being followed"),
    AccountTable("list_runs", "one sync or import of a list, with its verdict"),
    AccountTable("list_pages", "a page of a sync that is under way"),
    AccountTable("media", "a post, reel or story"),
    AccountTable("media_metrics", "what a post showed at one moment"),
    AccountTable("media_insights", "an official figure of a post, reel or story"),
    AccountTable("official_media", "the id of a post in an official interface, and when its figures were read"),
    AccountTable("media_people", "who viewed a story or liked a post"),
    AccountTable("media_engagers", "how many viewed or liked, and how many of them are known"),
    AccountTable("media_runs", "one sync of the posts and reels"),
    AccountTable("media_staged", "a post of a sync that is under way"),
    AccountTable("profile_counts", "a profile's counters at one moment"),
    AccountTable("profile_days", "a profile's figures of one day"),
    AccountTable("insights", "an official figure of a data download"),
    AccountTable("insight_days", "one day of an official figure"),
    AccountTable("insight_totals", "an official figure over a range of days"),
    AccountTable("audience_shares", "a part of a profile's audience"),
    AccountTable("insight_coverage", "the days for which figures were asked"),
    AccountTable("metric_refusals", "a figure that the platform does not give"),
    AccountTable("api_calls", "how many calls were made for a connection on a day"),
    AccountTable("imported_media", "a post as a data download names it"),
    AccountTable("imports", "a data download that you uploaded"),
    AccountTable("exports", "a file that was made for you"),
    AccountTable("alerts", "something that you were told"),
    AccountTable("account_settings", "the time zone and the language of your account"),
    AccountTable("email_preferences", "whether you want alerts by mail"),
    AccountTable("email_confirmations", "whether your address was confirmed for mails", ("token_hash",)),
    AccountTable("alert_deliveries", "an alert that was sent by mail, or is to be"),
    AccountTable("request_budget", "how much of a profile's budget is spent"),
    AccountTable("disabled_endpoints", "a way of syncing a list that stopped answering"),
    AccountTable("sync_jobs", "a job", ("sealed", "sealed_input")),
    AccountTable("sync_attempts", "one attempt at a job"),
    AccountTable("login_screenshots", "what a page showed when a login stopped there", ("picture",)),
    AccountTable("second_factors", "the second step of signing in", ("secret", "recovery")),
    AccountTable("oauth_states", "a consent page that was opened for you in the last day", ("state_hash",)),
    AccountTable("web_sessions", "where you are signed in", ("token_hash", "tokens")),
)
LEFT_OUT: Mapping[str, str] = {
    "user_keys": "your data key, which opens the columns above that are left out; it never leaves the server",
}
_WHY: Mapping[str, str] = {
    "connections": "encrypted sessions, authenticator secrets and passwords: whoever has them is logged in as you",
    "sync_jobs": "passwords and codes on their way to the worker, sealed so that only it can read them",
    "login_screenshots": "it stands on the job's page for a day, and is gone then",
    "email_confirmations": "what the link in a mail is recognised by",
    "second_factors": "the authenticator's secret and recovery codes: whoever has them passes that step as you",
    "oauth_states": "what the answer of a consent page is recognised by",
    "web_sessions": "what a sign-in is recognised by, here and where accounts are kept",
}


def readme(rows: Mapping[str, int], made_at: str) -> str:
    """The text beside the tables; `rows` holds the number of rows of each."""
    held = "\n".join(f"{t.name}.jsonl  {_counted(rows[t.name])}  {t.means}" for t in TABLES)
    columns = "\n".join(f"{t.name}: {', '.join(t.without)}  ({_WHY[t.name]})" for t in TABLES if t.without)
    tables = "\n".join(f"{name}: {why}" for name, why in LEFT_OUT.items())
    return _README.format(made_at=made_at, held=held, columns=columns, tables=tables)


def _counted(rows: int) -> str:
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"


_README = """\
All your data in Rollcall, as it stood at {made_at}.

Each file holds one table, one row a line, each line one JSON object (JSON Lines, UTF-8). A null is "not known", never
zero. Times carry their offset. profile_id is the id in profiles, media_id the id in media, job_id the id in sync_jobs.

account.jsonl  your account: its id and its e-mail address
{held}

Left out, columns:
{columns}
account: the hash of your password

Left out, tables:
{tables}
"""
