"""Settings: wrong values refuse to start with one line that helps, and the documents say what the code does."""

import re
import traceback
from dataclasses import FrozenInstanceError, asdict
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from shared.db.reach import reachable
from shared.errors import ConfigError
from shared.settings import load, setting_fields, shown_default
from tests.conftest import REPO

NAMES = [f.metadata["name"] for f in setting_fields()]


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


MARK = "hunter2"
ADDRESSES = [
    "u:{0}%zz@h/db",
    "u:%zz{0}@h/db",
    "u:[{0}]@h/db",
    "u:{0}[@h/db",
    "u:pa@{0}@h/db",
    "u:{0}@pa@h/db",
    "u:pa#{0}@h/db",
    "u:{0}#pa@h/db",
    "u:pa/{0}@h/db",
    "u:{0}/pa@h/db",
    "u:pa?{0}@h/db",
    "u:{0}?pa=1@h/db",
    "u:pa?a={0}@h/db",
    "u:pa {0}@h/db",
    "u:pa\n{0}@h/db",
    "u:{0}",
    "u:{0}/db",
    "u:pa@h:{0}/db",
    "u:pa@[{0}]/db",
    "u:pa@[{0}/db",
    "u:pa@<{0}>/db",
    "u:[YOUR-PASSWORD]{0}@h/db",
    "u:p@h/db?{0}",
    "u:p@h/db?x{0}=%zz",
    "u:p@h/db?password=a&{0}=b",
    "u:p@h/db?connect_timeout={0}",
]


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
@pytest.mark.parametrize("form", ADDRESSES)
def test_an_address_that_cannot_be_used_is_refused_without_any_part_of_it(scheme: str, form: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"DATABASE_URL": f"{scheme}://{form.format(MARK)}"})
    assert MARK not in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("sign", "@/#?[]% ")
def test_a_sign_that_breaks_an_address_is_answered_with_how_to_write_it(sign: str) -> None:
    with pytest.raises(ConfigError, match="percent-encode"):
        load({"DATABASE_URL": f"postgresql://u:pa{sign}hunter2@h/db"})
    written = f"postgresql://u:pa{quote(sign, safe='')}hunter2@h/db"
    assert conninfo_to_dict(load({"DATABASE_URL": written}).database_url or "")["password"] == f"pa{sign}hunter2"


@pytest.mark.parametrize("word", ["[YOUR-PASSWORD]", "YOUR-PASSWORD", "<password>", "[YOUR_DB_PASSWORD]", "{password}"])
def test_a_placeholder_is_named_as_one(word: str) -> None:
    with pytest.raises(ConfigError, match="placeholder"):
        load({"DATABASE_URL": f"postgresql://postgres.abc:{word}@h.example:6543/postgres"})


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("pgbouncer=true", {}),
        ("pgbouncer=true&connection_limit=1", {}),
        ("supa=base-pooler.x", {}),
        ("sslmode=require&supa=base-pooler.x&application_name=a", {"sslmode": "require", "application_name": "a"}),
        ("sslaccept=strict&schema=public&pool_timeout=0", {"sslmode": "verify-full"}),
        ("sslmode=no-verify&uselibpqcompat=true", {"sslmode": "require"}),
        ("ssl=true", {"sslmode": "require"}),
        ("options=reference%3Dabc", {"options": "reference=abc"}),
        ("connect_timeout=15&statement_cache_size=0", {"connect_timeout": "15"}),
        ("sslmode=require&channel_binding=require", {"sslmode": "require", "channel_binding": "require"}),
        ("prepareThreshold=0&currentSchema=public", {}),
    ],
)
def test_a_dashboards_address_is_taken_without_what_only_other_tools_read(query: str, left: dict[str, str]) -> None:
    url = load({"DATABASE_URL": f"postgres://u.ref:p%40ss@h.example:6543/postgres?{query}"}).database_url
    parts = conninfo_to_dict(reachable(url or ""))
    assert (parts["user"], parts["password"], parts["host"], parts["port"]) == ("u.ref", "p@ss", "h.example", "6543")
    assert {name: parts.get(name) for name in left} == left
    assert {n for n in parts if n not in ("user", "password", "host", "port", "dbname")} >= set(left)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@[::1]:5432/db",
        "postgresql://u@/db?host=/tmp/x",
        "postgresql://u:p@a.example:5432,b.example:5433/db?target_session_attrs=read-write",
        "postgresql://u:p:q@h/db",
        "postgresql:///db?host=%2Ftmp%2Fx",
        "postgresql://%2Ftmp%2Fx/db",
    ],
)
def test_every_form_of_an_address_that_libpq_knows_stays_usable(url: str) -> None:
    assert conninfo_to_dict(load({"DATABASE_URL": url}).database_url or "") == conninfo_to_dict(url)


def test_an_unknown_parameter_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigError, match="parameter colour that"):
        load({"DATABASE_URL": "postgresql://u:p@h/db?colour=red"})


WORDS = [
    "{0}",
    "x://{0}",
    "http://u:{0}@",
    "https://u:p[{0}]@h",
    "https://h:{0}/x",
    "https://[{0}]/",
    "smtp://u:{0}@h:y",
]
WORDS += [
    "http://u:pa/{0}@h",
    "smtp://u:pa#{0}@h",
    "ws://u:%zz{0}@h:1",
    "wss://h\n{0}",
    "é {0}\n",
    "~{0}/x",
    "²",
    "{0}" * 900,
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("word", WORDS)
def test_no_error_repeats_a_value(name: str, word: str, tmp_path: Path) -> None:
    value = word.format(MARK)
    (tmp_path / "held").write_text(value, encoding="utf-8")
    for env in ({name: value}, {f"{name}_FILE": str(tmp_path / "held")}, {f"{name}_FILE": f"/nowhere/{value[:99]}"}):
        told = refusal(env)
        assert MARK not in told
        assert not told or name in told


def refusal(env: dict[str, str]) -> str:
    """All that a start with `env` would write of its error; what it would show of the settings where it has none."""
    try:
        settings = load(env)
    except ConfigError as error:
        return "".join(traceback.format_exception(error)) + error.message
    shown = {f.name for f in setting_fields() if not f.metadata["secret"]}
    secrets = [value for name, value in asdict(settings).items() if name not in shown and value is not None]
    return "".join(f"{next(iter(env))}: shown" for value in secrets if str(value) in repr(settings))


@pytest.mark.parametrize("name", ["SUPABASE_URL", "PUBLIC_URL", "INSTAGRAM_BASE_URL", "MAIL_API_URL"])
def test_an_address_that_is_shown_holds_no_password(name: str) -> None:
    with pytest.raises(ConfigError, match="name or password"):
        load({name: "https://me:hunter2@host.example"})


@pytest.mark.parametrize("path", ["/rollcall", "/a/b/", "?a=b", "#top"])
def test_a_public_address_with_a_path_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match=r"^PUBLIC_URL: its value has something behind its host"):
        load({"PUBLIC_URL": f"https://example.org{path}"})
    assert load({"PUBLIC_URL": "https://example.org/"}).public_url == "https://example.org"


def test_a_short_secret_key_is_refused() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY is shorter than 32"):
        load({"SECRET_KEY": "short"})


@pytest.mark.parametrize(
    "name", ["sslmode", "channel_binding", "target_session_attrs", "gssencmode", "sslnegotiation", "load_balance_hosts"]
)
def test_a_parameter_with_a_word_that_libpq_does_not_take_is_refused_without_the_word(name: str) -> None:
    with pytest.raises(ConfigError, match=f"has a parameter {name} that is none of ") as refused:
        load({"DATABASE_URL": f"postgresql://me@host.example/db?{name}=hunter2"})
    assert "hunter2" not in refused.value.message


def test_settings_are_frozen() -> None:
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        load({}).port = 1  # type: ignore[misc]


@pytest.mark.parametrize("field", setting_fields(), ids=lambda f: f.metadata["name"])
def test_the_example_file_documents_every_setting_with_its_default(field) -> None:  # type: ignore[no-untyped-def]
    blocks = {b.splitlines()[-1].removeprefix("#").partition("=")[0]: b for b in _blocks()}
    block = blocks[field.metadata["name"]]
    told = " ".join(line.removeprefix("# ") for line in block.splitlines()[:-1])
    assert told == f"{field.metadata['doc']} Default: {shown_default(field)}"


def test_the_example_file_names_no_setting_that_is_not_there() -> None:
    assert [b.splitlines()[-1].removeprefix("#").partition("=")[0] for b in _blocks()] == NAMES


def test_a_duration_says_its_unit_in_its_name() -> None:
    for field in setting_fields():
        if isinstance(field.default, timedelta):
            assert field.metadata["name"].rsplit("_", 1)[1] in {"SECONDS", "MINUTES", "HOURS", "DAYS"}


def test_the_page_of_settings_has_every_setting_once_with_its_default_and_its_words() -> None:
    page = (REPO / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| (.+) \|$", page, re.M)
    assert sorted(rows) == sorted((f.metadata["name"], shown_default(f), f.metadata["doc"]) for f in setting_fields())


def _blocks() -> list[str]:
    text = (REPO / ".env.example").read_text(encoding="utf-8")
    return [b for b in text.strip().split("\n\n")[1:] if b.strip()]
