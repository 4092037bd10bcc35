"""`rollcall user`: locally stored accounts, for a person at Rollcall's machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import click
import psycopg
from argon2 import PasswordHasher
from psycopg.rows import dict_row

from cli.plain import PlainGroup
from shared.db.embedded import embedded_database
from shared.db.migrate import pending
from shared.db.pools import Row
from shared.db.reach import reachable
from shared.errors import ConfigError, DatabaseError, InputError
from shared.settings import Settings, load
from shared.store.users import accounts, second_factors
from shared.store.users.accounts import Account
from web.auth.credentials import clean_email, email_fault, known_email, password_fault

_AT_SUPABASE = (
    "Supabase keeps the accounts of this installation, so this is done in the project's dashboard, under "
    "Authentication, Users. Whoever has forgotten a password can also ask for a mail on the sign-in page."
)
_MOST_BYTES = 4096
_HEADINGS = ("e-mail", "created", "confirmed", "second factor", "profiles")


@click.group(cls=PlainGroup)
def user() -> None:
    """List and make accounts, and help whoever forgot a password."""


@user.command()
@click.argument("email")
def create(email: str) -> None:
    """Make an account, also while SIGNUP_OPEN is false.

    The password is asked for twice and not shown; where no terminal is there, it is the first line of standard input.
    """
    address = clean_email(email)
    if address is None:
        raise InputError(email_fault(email) or "")
    with _database() as conn:
        if accounts.find(conn, address):
            raise _taken(address)
        hashed = PasswordHasher().hash(_new_password(address))
        if accounts.create(conn, address, hashed) is None:
            raise _taken(address)
    click.echo(f"The account {address} is made. Its owner signs in on the page that `rollcall up` names.")


@user.command("list")
def list_() -> None:
    """Show every account: its e-mail, when it was made, whether it is confirmed, its second factor and profiles."""
    with _database() as conn:
        rows = [_row(account) for account in accounts.list_accounts(conn)]
    if not rows:
        click.echo("There is no account yet. Make one on the page, or with `rollcall user create EMAIL`.")
        return
    widths = [max(len(line[at]) for line in (_HEADINGS, *rows)) for at in range(len(_HEADINGS))]
    for line in (_HEADINGS, *rows):
        click.echo("  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip())


@user.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Give an account a new password and end its sessions.

    The password is asked for twice and not shown; where no terminal is there, it is the first line of standard input.
    """
    with _database() as conn:
        account = _account(conn, email)
        hashed = PasswordHasher().hash(_new_password(account.email))
        ended = accounts.set_password(conn, account.id, hashed)
    click.echo(f"The password of {_shown(account.email)} is changed. {_ended(ended)}")
    if account.second_factor:
        click.echo("Signing in still takes a code of the second factor (`rollcall user reset-second-factor`).")


@user.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Switch an account's second factor off and end its sessions."""
    with _database() as conn:
        account = _account(conn, email)
        if not account.second_factor:
            raise InputError(f"The account {_shown(account.email)} has no second factor.")
        with conn.transaction():
            second_factors.end(conn, account.id)
            ended = accounts.end_sessions(conn, account.id)
    click.echo(f"The second factor of {_shown(account.email)} is off; the password is enough. {_ended(ended)}")


@contextmanager
def _database() -> Iterator[psycopg.Connection[Row]]:
    """The owner's connection to the database that keeps the accounts; raises ConfigError or DatabaseError."""
    settings = load()
    if settings.supabase_url is not None:
        raise ConfigError(_AT_SUPABASE)
    with _place(settings) as url:
        if pending(url):
            raise DatabaseError(
                "The database's schema is older than this version.", next_step="Run `rollcall migrate` first."
            )
        with _connected(url) as conn:
            if not accounts.kept_here(conn):
                raise ConfigError(_AT_SUPABASE)
            yield conn


@contextmanager
def _place(settings: Settings) -> Iterator[str]:
    if settings.database_url is None and not (settings.data_dir / "postgres" / "PG_VERSION").exists():
        raise ConfigError("There is no database yet. Start `rollcall up`, or run `rollcall migrate`, first.")
    place = (
        embedded_database(settings.data_dir) if settings.database_url is None else nullcontext(settings.database_url)
    )
    with place as url:
        yield url


def _connected(url: str) -> psycopg.Connection[Row]:
    # Behind a transaction pooler another session would have a prepared statement.
    return psycopg.connect(reachable(url), autocommit=True, prepare_threshold=None, row_factory=dict_row)


def _account(conn: psycopg.Connection[Row], email: str) -> Account:
    known = known_email(email)
    found = accounts.find(conn, known) if known else None
    if found is None:
        raise InputError("There is no account with this address.", next_step="`rollcall user list` shows them all.")
    return found


def _taken(address: str) -> InputError:
    return InputError(
        f"There is an account with the address {address} already.",
        next_step="Give it a new password with `rollcall user reset-password`.",
    )


def _new_password(email: str) -> str:
    """A password that follows the pages' rules; raises InputError where no one can be asked again."""
    if not sys.stdin.isatty():
        password = _read()
        if fault := _fault(password, email):
            raise InputError(f"This password cannot be used. {fault}")
        return password
    while True:
        password = click.prompt("New password", hide_input=True, err=True)
        if fault := _fault(password, email):
            click.echo(fault, err=True)
        elif click.prompt("The same again", hide_input=True, err=True, default="", show_default=False) == password:
            return password
        else:
            click.echo("These two are not the same.", err=True)


def _fault(password: str, email: str) -> str | None:
    try:
        password.encode()
    except UnicodeEncodeError:
        return "It is not written in UTF-8."
    return password_fault(password, email)


def _read() -> str:
    """The first line of standard input, without its end."""
    line = sys.stdin.buffer.readline(_MOST_BYTES).removesuffix(b"\n").removesuffix(b"\r")
    if not line:
        raise InputError(
            "No password came.", next_step="Run this at a terminal, or give the password on standard input."
        )
    return line.decode("utf-8", "surrogateescape")


def _row(account: Account) -> tuple[str, ...]:
    return (
        _shown(account.email),
        f"{account.created_at:%Y-%m-%d}",
        "yes" if account.confirmed else "no",
        "yes" if account.second_factor else "no",
        str(account.profiles),
    )


def _shown(email: str) -> str:
    """The address; earlier versions accepted some with characters that a terminal would interpret."""
    return "".join(sign if sign.isprintable() else "?" for sign in email)


def _ended(sessions: int) -> str:
    if not sessions:
        return "It had no session to end."
    return f"{sessions} session{'' if sessions == 1 else 's'} of it ended: whoever was signed in signs in again."
