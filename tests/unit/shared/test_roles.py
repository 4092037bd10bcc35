"""An address for another role is a URL that libpq reads back as it was meant."""

from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from shared.db.roles import address, elsewhere, login_name

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


POOLER = "aws-0-eu-central-1.pooler.supabase.com"
OWNER = f"postgresql://postgres.abcdefghij:secret@{POOLER}:5432/postgres"
DIRECT = "postgresql://postgres:secret@db.abcdefghij.supabase.co:5432/postgres"


def test_supabases_pooler_wants_the_project_behind_the_role_and_nobody_else_does() -> None:
    assert login_name(OWNER, "rollcall_web") == "rollcall_web.abcdefghij"
    assert login_name(DIRECT, "rollcall_web") == "rollcall_web"
    assert login_name("postgresql://some.body@db.example.org/app", "rollcall_web") == "rollcall_web"
    made = address(OWNER, login_name(OWNER, "rollcall_web"), "new")
    assert made == f"postgresql://rollcall_web.abcdefghij:new@{POOLER}:5432/postgres"


def test_the_services_may_connect_elsewhere_than_the_owner_does() -> None:
    pooled = conninfo_to_dict(elsewhere(DIRECT, f"{POOLER}:6543"))
    assert (pooled["host"], pooled["port"], pooled["user"]) == (POOLER, "6543", "postgres.abcdefghij")
    direct = conninfo_to_dict(elsewhere(OWNER, "db.abcdefghij.supabase.co"))
    assert (direct["port"], direct["user"]) == ("5432", "postgres")
    kept = conninfo_to_dict(elsewhere(OWNER, POOLER))
    assert (kept["user"], kept["dbname"]) == ("postgres.abcdefghij", "postgres")
    other = conninfo_to_dict(elsewhere("postgresql://some.body:x@a.example.org/app?sslmode=require", "b.example.org"))
    assert (other["user"], other["host"], other["sslmode"]) == ("some.body", "b.example.org", "require")


@given(user=WORDS, password=WORDS, dbname=WORDS)
def test_any_name_and_password_survive(user: str, password: str, dbname: str) -> None:
    read = conninfo_to_dict(address(f"host=h dbname={_quoted(dbname)}", user, password))
    assert (read["user"], read["password"], read["dbname"], read["host"]) == (user, password, dbname, "h")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
