"""Settings: wrong values refuse to start with one line that helps, and the documents say what the code does."""

import re
from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path

import pytest

from shared.errors import ConfigError
from shared.settings import documented, load, shown_default
from tests.conftest import REPO

NAMES = [f.metadata["name"] for f in documented()]


def test_nothing_has_to_be_set() -> None:
    settings = load({})
    assert settings.database_url is None
    assert settings.instagram_base_url == "https://www.instagram.com"
    assert settings.pace == timedelta(seconds=3)


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://x@y/z\n")
    assert load({"DATABASE_URL_FILE": str(tmp_path / "url")}).database_url == "postgresql://x@y/z"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL_FILE names a file that cannot be read"):
        load({"DATABASE_URL_FILE": str(tmp_path / "absent")})


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("PORT", "many", "is not a whole number"),
        ("PORT", "70000", "is not between 0 and 65535"),
        ("PACE_SECONDS", "-1", "is not between 0 and 3600 seconds"),
        ("PACE_SECONDS", "nan", "is not between"),
        ("DATABASE_URL", "mysql://x", "does not begin with postgresql://"),
        ("LOG_LEVEL", "LOUD", "is not one of DEBUG"),
        ("SIGNUP_OPEN", "perhaps", "is neither true nor false"),
        ("BROWSER_PATH", "/nowhere/chrome", "is not a program on this machine"),
        ("INSTAGRAM_BASE_URL", "instagram.com", "does not begin with http://"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_with_an_example(name: str, value: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load({name: value})
    message = caught.value.message
    assert message.startswith(f"{name}: ")
    assert fault in message
    assert f"for example {name}=" in message
    assert "\n" not in message


def test_a_secret_is_not_repeated_in_its_error_nor_shown_by_repr() -> None:
    with pytest.raises(ConfigError) as caught:
        load({"DATABASE_URL": "mysql://me:hunter2@db"})
    assert "hunter2" not in caught.value.message
    assert "hunter2" not in repr(load({"DATABASE_URL": "postgresql://me:hunter2@db/x"}))


def test_a_short_secret_key_is_refused() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY is shorter than 32"):
        load({"SECRET_KEY": "short"})


def test_settings_are_frozen() -> None:
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        load({}).port = 1  # type: ignore[misc]


@pytest.mark.parametrize("field", documented(), ids=lambda f: f.metadata["name"])
def test_the_example_file_documents_every_setting_with_its_default(field) -> None:  # type: ignore[no-untyped-def]
    blocks = {b.splitlines()[-1].removeprefix("#").partition("=")[0]: b for b in _blocks()}
    block = blocks[field.metadata["name"]]
    told = " ".join(line.removeprefix("# ") for line in block.splitlines()[:-1])
    assert told == f"{field.metadata['doc']} Default: {shown_default(field)}"


def test_the_example_file_names_no_setting_that_is_not_there() -> None:
    assert [b.splitlines()[-1].removeprefix("#").partition("=")[0] for b in _blocks()] == NAMES


def test_a_duration_says_its_unit_in_its_name() -> None:
    for field in documented():
        if isinstance(field.default, timedelta):
            assert field.metadata["name"].rsplit("_", 1)[1] in {"SECONDS", "MINUTES", "HOURS", "DAYS"}


def test_the_readme_names_every_setting_and_its_default() -> None:
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `?([^|`]*)`? \|", readme, re.M))
    assert {n: rows.get(n, "").strip() for n in NAMES} == {f.metadata["name"]: shown_default(f) for f in documented()}


def _blocks() -> list[str]:
    text = (REPO / ".env.example").read_text(encoding="utf-8")
    return [b for b in text.strip().split("\n\n")[1:] if b.strip()]
