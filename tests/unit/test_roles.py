"""An address for another role is a URL that libpq reads back as it was meant."""

from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from shared.db.roles import address

WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


def test_a_socket_address_keeps_its_folder() -> None:
    made = address("postgresql://postgres:@/postgres?host=/some%20folder/postgres", "rollcall_web")
    assert made == "postgresql://rollcall_web@/postgres?host=%2Fsome%20folder%2Fpostgres"


def test_a_host_keeps_its_port_and_options_and_loses_the_owners_password() -> None:
    made = address("postgresql://owner:secret@db.example.org:6543/app?sslmode=require", "rollcall_web", "new")
    read = conninfo_to_dict(made)
    assert "secret" not in made
    assert read == {
        "user": "rollcall_web",
        "password": "new",
        "host": "db.example.org",
        "port": "6543",
        "dbname": "app",
        "sslmode": "require",
    }


@given(user=WORDS, password=WORDS, dbname=WORDS)
def test_any_name_and_password_survive(user: str, password: str, dbname: str) -> None:
    read = conninfo_to_dict(address(f"host=h dbname={_quoted(dbname)}", user, password))
    assert (read["user"], read["password"], read["dbname"], read["host"]) == (user, password, dbname, "h")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
