"""No secret stands in a line of the doctor, in the error of a command, or in a log, wherever it was put."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg_pool import ConnectionPool

from rollcall import main
from shared import logs
from shared.database_reasons import reason
from shared.errors import ConfigError, DatabaseError
from shared.settings import load, setting_fields
from tests.conftest import Database
from web import serve

# What may be repeated, and why; everything else is treated as a secret, whatever `secret` says of it.
PUBLIC = {
    "ROLLCALL_DATA_DIR": "a folder of this machine, which its person has to find",
    "HOST": "where the pages are; a fault of it cannot be mended unseen",
    "PORT": "as HOST",
    "PUBLIC_URL": "the address that people open; a login in it is refused",
    "INSTAGRAM_BASE_URL": "its host is Instagram's; a login in it is refused",
    "BROWSER_PATH": "a program of this machine, which its person has to find",
    "BROWSER_ENDPOINT": "its scheme, host and port are told, nothing else (docs/security.md)",
}
NAMES = [f.metadata["name"] for f in setting_fields()]
# Ways to write a value: in one of them it gets past the parser of each setting that takes text at all.
FORMS = [
    "{}",
    "{}" * 4,
    "{}, {}",
    "{}\nsecond line",
    "https://me:{}@127.0.0.1:1/1",
    "https://{}.invalid/{}",
    "http://127.0.0.1:1/{}?{}#{}",
    "smtp://me:{}@127.0.0.1:1",
    "smtps://{}@127.0.0.1:1",
    "wss://127.0.0.1:1/{}",
    "ws://me:{}@127.0.0.1:1/x?token={}",
    "postgresql://me:{}@127.0.0.1:1/{}",
    "postgresql://{}@127.0.0.1:1/x?sslmode={}",
    "postgresql://{}.invalid/x",
    "{}@example.org",
    "me@{}.example.org",
    "sb_secret_{}",
    "rollcall-seal-1.{}.{}",
    '{{"rollcall_keys": 1, "opening": [{{"id": "{}", "created_at": "{}", "key": "{}"}}], "wrapping": []}}',
]
MARK = "canary"


@pytest.fixture
def as_it_was() -> Iterator[None]:
    """`rollcall up` answers SIGTERM in its own way."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_it_was: None) -> Callable[..., Result]:
    """ran("doctor", PORT="x") -> all that the command wrote, with the settings that are given and no others."""
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\necho Chromium 1.0\n")
    browser.chmod(0o755)
    quiet = {"ROLLCALL_DATA_DIR": str(tmp_path / "data"), "BROWSER_PATH": str(browser), "PORT": "0"}
    quiet |= {"INSTAGRAM_BASE_URL": "http://127.0.0.1:1", "LOG_LEVEL": "DEBUG"}
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    # It starts Playwright's driver only to hear where its browser would be.
    monkeypatch.setattr("cli.ops.doctor.browser.playwrights_own", lambda: browser)

    def run(*arguments: str, **env: str) -> Result:
        return CliRunner().invoke(main, arguments, env={**quiet, **env}, input="a heron over cold water\n")

    return run


def mark_of(name: str) -> str:
    return f"{MARK}-{name.lower().replace('_', '-')}-s3cr3t"


def written(form: str, name: str) -> str:
    return (
        form.replace("{{", "\0").replace("}}", "\1").replace("{}", mark_of(name)).replace("\0", "{").replace("\1", "}")
    )


def refusal(env: dict[str, str]) -> str | None:
    """What a start says of these settings; None where they can be used."""
    try:
        load(env)
    except ConfigError as error:
        return error.message
    return None


def told(done: Result) -> str:
    """All that a person may read of it; a fault that no one caught is told with its traceback."""
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output


@pytest.mark.parametrize("form", FORMS)
def test_the_doctor_repeats_no_setting_in_whichever_form_it_is_written(form: str, ran: Callable[..., Result]) -> None:
    """All settings hold a mark of their own at once, so a line that repeats one says whose it is."""
    marked = {name: written(form, name) for name in NAMES if name not in PUBLIC}
    for arguments in (("doctor",), ("doctor", "--hosted")):
        output = told(ran(*arguments, **marked))
        assert output.count("\n") > 5
        assert MARK not in output


@pytest.mark.parametrize("form", FORMS)
def test_the_doctor_repeats_no_setting_of_those_that_can_be_used(form: str, ran: Callable[..., Result]) -> None:
    """A wrong setting keeps others from being tried; here only those are set that are read without a fault."""
    marked = {name: written(form, name) for name in NAMES if name not in PUBLIC}
    refused = {name: refusal({name: value}) for name, value in marked.items()}
    assert MARK not in str(refused.values())
    usable = {name: value for name, value in marked.items() if refused[name] is None}
    for arguments in (("doctor",), ("doctor", "--hosted")):
        assert MARK not in told(ran(*arguments, **usable))


@pytest.mark.parametrize("form", ["{}", "https://me:{}@x.example.org", "http://127.0.0.1:1/{}", "{}.invalid"])
@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_secret_under_the_name_of_a_public_setting_is_not_repeated_where_it_is_refused(
    name: str, form: str, ran: Callable[..., Result]
) -> None:
    given = {name: written(form, name)}
    if refusal(given) is not None:
        assert MARK not in told(ran("doctor", **given))


KNOWN = sorted(option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults())
PARTS = {
    "user": "postgresql://{}@127.0.0.1:1/x",
    "password": "postgresql://me:{}@127.0.0.1:1/x",
    "host": "postgresql://me@{}.invalid:1/x",
    "hosts": "postgresql://me@127.0.0.1:1,{}.invalid:1/x",
    "port": "postgresql://me@127.0.0.1:{}/x",
    "database": "postgresql://me@127.0.0.1:1/{}",
    "fragment": "postgresql://me@127.0.0.1:1/x#{}",
    "broken": "postgresql://me:a@{}@127.0.0.1:1/x",
    "keys": "host=127.0.0.1 password={}",
    **{f"?{name}": f"postgresql://me@127.0.0.1:1/x?{name}={{}}" for name in KNOWN},
}
COMMANDS = [("up",), ("migrate",), ("roles",), ("user", "list"), ("keys", "rewrap"), ("worker",), ("health",)]
COMMANDS += [("erase-person", "--id", "1", "--yes"), ("doctor",)]


@pytest.mark.parametrize("part", PARTS)
def test_no_command_repeats_a_part_of_the_databases_address(
    part: str, ran: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No one is there; a parameter with a word that PostgreSQL does not take is refused before or by its library."""
    monkeypatch.setattr("worker.main._LONGEST_PAUSE", 0)
    url = PARTS[part].format(mark_of(part))
    for arguments in COMMANDS:
        if arguments == ("worker",) and refusal({"DATABASE_URL": url}) is None:
            continue  # It waits for the database; what it logs meanwhile is looked at below.
        done = ran(*arguments, DATABASE_URL=url)
        assert MARK not in told(done), arguments
        assert done.exit_code != 0


@pytest.mark.parametrize("part", ["user", "database", "options", "application_name", "client_encoding"])
def test_what_a_living_database_refuses_is_not_repeated(
    part: str, database: Database, ran: Callable[..., Result]
) -> None:
    socket = psycopg.conninfo.conninfo_to_dict(database.owner)
    given = {"user": "postgres", "host": str(socket["host"]), "dbname": str(socket["dbname"])}
    name = "dbname" if part == "database" else part
    given |= {name: f"-c {MARK}=1" if part == "options" else mark_of(part)}
    url = f"postgresql:///?{urlencode(given, quote_via=quote)}"
    for arguments in COMMANDS:
        # The first two would go on running, and to print whole addresses is what the third is for.
        if arguments not in (("worker",), ("up",), ("roles",)):
            done = ran(*arguments, DATABASE_URL=url)
            assert MARK not in told(done), arguments


@pytest.mark.parametrize("part", ["user", "password", "host", "?service", "?require_auth", "?hostaddr"])
@pytest.mark.parametrize("style", ["json", "console"])
def test_neither_the_webs_error_nor_its_log_repeats_one(
    part: str, style: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "_PATIENCE", 1.0)
    logs.configure("DEBUG", style, process="web")
    settings = load({}, database_url=PARTS[part].format(mark_of(part)))
    with pytest.raises(DatabaseError) as refused, serve.open_database(settings):
        pass
    assert MARK not in refused.value.message
    shown = capsys.readouterr()
    assert MARK not in shown.err + shown.out


def connected(url: str) -> None:
    psycopg.connect(url)


def pooled(url: str) -> None:
    with ConnectionPool(url, min_size=1, open=False, name="tried", reconnect_timeout=0.1) as pool:
        pool.wait(1)


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize("way", [connected, pooled])
@pytest.mark.parametrize("part", ["host", "?service", "?require_auth"])
def test_a_traceback_in_a_log_tells_why_without_the_address(
    part: str, way: Callable[[str], Any], style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where it is the cause of another fault, or one of a group."""
    logs.configure("DEBUG", style, process="tests")
    try:
        try:
            way(PARTS[part].format(mark_of(part)))
        except psycopg.Error as error:
            logs.get("tests").error("first", exc_info=error)
            raise ExceptionGroup("several", [error]) from error
    except ExceptionGroup as group:
        logs.get("tests").error("second", exc_info=group)
        logging.getLogger("library").exception("third")
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert all(
        word in shown for word in ("first", "second", "third", "OperationalError" if way is connected else "Pool")
    )
    assert MARK not in shown


def test_what_a_server_says_of_a_statement_stays_in_the_log(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG", "json", process="tests")
    try:
        with psycopg.connect(database.owner) as conn:
            conn.execute("select nothing_of_this_name")
    except psycopg.Error as error:
        logs.get("tests").error("failed", exc_info=error)
    assert "nothing_of_this_name" in capsys.readouterr().err


@pytest.mark.parametrize("told_by_libpq", ["", f"{MARK}", f'something new about "{MARK}"'])
def test_a_reason_that_is_not_known_is_the_kind_of_the_error(told_by_libpq: str) -> None:
    assert reason(psycopg.OperationalError(told_by_libpq)) == "OperationalError"
