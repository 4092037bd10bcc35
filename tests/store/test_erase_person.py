"""One person is erased everywhere, and no one else; no column that could name them is forgotten."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql
from psycopg.types.json import Jsonb

from rollcall import main
from shared.db import roles
from shared.store.deletion.erase_person import erase
from tests.conftest import Database, Personas
from tests.worker.export_data import NOW, TUESDAY, Data

Owner = psycopg.Connection[dict[str, Any]]
# Columns of which the command takes a person out.
ERASED = {
    "people": {"platform_id", "username", "full_name"},
    "person_names": {"person_id", "username", "renamed_to"},
    "stays": {"person_id"},
    "media_people": {"platform_id", "username", "full_name"},
    "list_pages": {"platform_ids", "usernames", "full_names"},
    "media": {"mentions", "coauthors", "owner_platform_id", "owner_username"},
    "media_staged": {"payload"},
}
# Columns with such a name that never hold someone else's.
OTHERS = {
    ("media", "platform_id"): "the post's own id",
    ("media_staged", "platform_id"): "the post's own id",
    ("profiles", "username"): "the user's own account, which the user deletes",
    ("profiles", "external_id"): "the user's own account, which the user deletes",
    ("profiles", "display_name"): "the user's own account, which the user deletes",
    ("exports", "filename"): "named after the user's own account",
    ("imports", "filenames"): "as the user called them; gone with the profile",
}
_NAMING = "platform_id|person_id|external_id|(^|_|user|file)names?$|mentions|coauthors|owner_|renamed_to|payload"


def test_every_column_that_could_name_somebody_is_erased_or_no_person(owner: Owner) -> None:
    rows = owner.execute(
        "select c.table_name as table, c.column_name as column from information_schema.columns c"
        " join information_schema.tables t using (table_schema, table_name)"
        " where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name ~ %s",
        (_NAMING,),
    ).fetchall()
    found = {(row["table"], row["column"]) for row in rows}
    assert found == {(table, column) for table, columns in ERASED.items() for column in columns} | OTHERS.keys()


@pytest.fixture
def both(owner: Owner, people: Personas, make_profile: Callable[..., UUID]) -> list[Data]:
    """Two users' lists; in each the person 77, once renamed, beside someone who stays."""
    made = []
    for user, name in ((people.alice, "ada.test"), (people.bob, "bob.test")):
        data = Data(owner, user, make_profile(user, name, mutual_count=0, fan_count=2, not_following_back_count=None))
        erased = data.follower("77", "zoe.new", TUESDAY)
        data.follower("78", "stays", TUESDAY)
        owner.execute(
            "insert into person_names (user_id, profile_id, person_id, username, renamed_to, renamed_at)"
            " values (%s, %s, %s, 'zoe.old', 'zoe.new', %s)",
            (*data.owned, erased, NOW),
        )
        owner.execute(
            "insert into people (user_id, profile_id, username, first_seen_at, updated_at)"
            " values (%s, %s, 'zoe.old', now(), now())",
            data.owned,
        )
        data.medium(
            f"9{name}",
            mentions=["Zoe.New", "stays"],
            coauthors=["zoe.old"],
            owner_platform_id="77",
            owner_username="zoe.new",
        )
        for person in ("77", "78"):
            owner.execute(
                "insert into media_people (media_id, role, platform_id, username, first_seen_at, last_seen_at, user_id,"
                " profile_id) select id, 'liker', %s, 'n' || %s, now(), now(), user_id, profile_id from media"
                " where profile_id = %s",
                (person, person, data.profile_id),
            )
        owner.execute(
            "insert into media_engagers (media_id, role, known, observed_at, user_id, profile_id)"
            " select id, 'liker', 2, now(), user_id, profile_id from media where profile_id = %s",
            (data.profile_id,),
        )
        data.run("follower", NOW)
        owner.execute(
            "insert into list_pages (run_id, page, user_id, platform_ids, usernames, full_names, is_private,"
            " is_verified) select id, 0, user_id, '{76,77,78}', '{a,zoe.new,stays}', '{A,NULL,C}', '{t,f,NULL}',"
            " '{f,t,f}' from list_runs where profile_id = %s",
            (data.profile_id,),
        )
        payload = {"mentions": ["zoe.new", "stays"], "coauthors": [], "owner_platform_id": "77", "owner_username": "z"}
        owner.execute(
            "insert into media_staged (run_id, platform_id, user_id, profile_id, in_posts, in_reels, observed_at,"
            " payload) values (gen_random_uuid(), '5', %s, %s, true, false, now(), %s)",
            (*data.owned, Jsonb(payload)),
        )
        made.append(data)
    return made


def _everything(owner: Owner) -> str:
    texts = [
        owner.execute(
            sql.SQL("select string_agg(t::text, ';') as all from {} t").format(sql.Identifier(table))
        ).fetchone()
        for table in ERASED
    ]
    return " ".join(str(row["all"]) for row in texts if row)


def test_the_person_is_gone_from_every_users_rows_and_the_rest_stays(
    owner: Owner, both: list[Data], database: Database
) -> None:
    assert "zoe" in _everything(owner)
    touched = erase(owner, "instagram", "77")
    assert touched == {
        "media": 2,
        "media_staged": 2,
        "list_pages": 2,
        "stays": 2,
        "person_names": 2,
        "people": 4,
        "media_people": 2,
    }
    left = _everything(owner).lower()
    assert "zoe" not in left
    assert "77" not in {row["platform_id"] for row in owner.execute("select platform_id from people").fetchall()}
    assert owner.execute(
        "select distinct platform_ids, usernames, full_names, is_private from list_pages"
    ).fetchall() == [
        {
            "platform_ids": ["76", "78"],
            "usernames": ["a", "stays"],
            "full_names": ["A", "C"],
            "is_private": [True, None],
        }
    ]
    assert owner.execute("select distinct mentions, coauthors, owner_platform_id from media").fetchall() == [
        {"mentions": ["stays"], "coauthors": [], "owner_platform_id": None}
    ]
    assert owner.execute("select count(*) as n from stays").fetchone() == {"n": 2}


def test_the_counted_classes_lose_whom_they_counted_and_unknown_stays_unknown(owner: Owner, both: list[Data]) -> None:
    erase(owner, "instagram", "77")
    counts = "select distinct mutual_count, fan_count, not_following_back_count as others from profiles"
    assert owner.execute(counts).fetchall() == [{"mutual_count": 0, "fan_count": 1, "others": None}]
    assert owner.execute("select distinct known from media_engagers").fetchall() == [{"known": 1}]


def test_the_command_says_what_it_touched_and_what_a_later_reading_does(
    owner: Owner, both: list[Data], database: Database
) -> None:
    for user in (roles.WORKER, "postgres"):
        url = roles.address(database.owner, user)
        shown = CliRunner().invoke(main, ["erase-person", "--id", "77", "--yes"], env={"DATABASE_URL": url})
        assert shown.exit_code == 0, shown.output
        first = user == roles.WORKER
        assert ("people         4" in shown.output) == first
        assert ("A later sync" if first else "No one with this id") in shown.output


def test_a_username_is_refused_and_no_yes_changes_nothing(owner: Owner, both: list[Data], database: Database) -> None:
    given = {"DATABASE_URL": roles.address(database.owner, roles.WORKER)}
    assert (
        "This is not an id of Instagram."
        in CliRunner().invoke(main, ["erase-person", "--id", "zoe.new"], env=given).output
    )
    asked = CliRunner().invoke(main, ["erase-person", "--id", "77"], input="n\n", env=given)
    assert asked.exit_code == 1
    assert "zoe" in _everything(owner)
