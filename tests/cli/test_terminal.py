"""The commands at the worker's machine: they find the database that is there, and say in one line what is wrong."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import terminal
from cli.connect import connect
from cli.import_ import import_
from shared.errors import ConfigError
from shared.settings import load
from tests.conftest import Database


def test_a_database_that_is_set_is_used_as_it_is(database: Database, tmp_path: Path) -> None:
    with terminal.database(load({}, data_dir=tmp_path, database_url=database.worker), "import") as url:
        assert url == database.worker


def test_one_behind_a_transaction_pooler_is_refused(tmp_path: Path) -> None:
    pooler = "postgresql://rollcall_worker.abc@aws-0-x.pooler.supabase.com:6543/postgres"
    given = load({}, data_dir=tmp_path, database_url=pooler)
    with pytest.raises(ConfigError, match="`rollcall import` needs a session"), terminal.database(given, "import"):
        pass


def test_no_database_is_made_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="rollcall up"), terminal.database(load({}, data_dir=tmp_path), "import"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "words"),
    [(import_, ["--username", "ann.test"]), (connect, ["instagram", "--username", "ann.test", "--cookies"])],
    ids=["import", "connect"],
)
def test_both_commands_say_in_one_line_that_there_is_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: click.Command, words: list[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ROLLCALL_DATA_DIR", str(tmp_path / "data"))
    jar = tmp_path / "cookies.txt"
    jar.write_text(
        ".instagram.com\tTRUE\t/\tTRUE\t0\tsessionid\t1%3Aa\n.instagram.com\tTRUE\t/\tTRUE\t0\tds_user_id\t1\n"
    )
    said = CliRunner().invoke(command, [*words, str(jar)])
    assert (said.exit_code, said.output.splitlines()[-1]) == (
        1,
        "Error: There is no database yet. Start `rollcall up` and create your account there first.",
    )
