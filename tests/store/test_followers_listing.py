"""The follower lists as the web's own role reads them: each class, the borders of periods, paging, and the plans."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.domain.paging import Cursor
from shared.domain.periods import Choice, period
from shared.store.followers import listing
from shared.store.followers.listing import Counted, ListedPerson, Sort, Wanted
from shared.store.followers.search import Found, find, search
from shared.store.followers.segments import BASES, Kind
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago

Pool = ConnectionPool[WebConnection]
UTC_ZONE = ZoneInfo("UTC")
WEEK = period("7", NOW, UTC_ZONE)
ALL_TIME = period("all", NOW, UTC_ZONE)
BASELINE = days_ago(60)


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    """Alice's profile, with no one in it yet."""
    return History(owner, people.alice, make_profile(people.alice, observed_at=NOW))


@pytest.fixture
def filled(history: History) -> History:
    """One person of every kind."""
    make, stay = history.person, history.stay
    stay(make("fan"), BASELINE, known="before")
    mutual = make("mutual")
    stay(mutual, BASELINE, known="before")
    stay(mutual, BASELINE, known="before", direction="following")
    stay(make("brand"), BASELINE, known="before", direction="following")
    stay(make("new"), days_ago(2))
    stay(make("new.before.the.week"), days_ago(20))
    stay(make("lost"), days_ago(40), days_ago(3))
    stay(make("lost.before.the.week"), days_ago(40), days_ago(20))
    back = make("back")
    stay(back, BASELINE, days_ago(5), known="before")
    stay(back, days_ago(1), returned=True)
    twice = make("left.twice")
    stay(twice, BASELINE, days_ago(6), known="before")
    stay(twice, days_ago(5), days_ago(4), returned=True)
    renamed = make("anna.now")
    stay(renamed, BASELINE, known="before")
    history.renamed(renamed, "anna.then", "anna.now", days_ago(2))
    return history


def listed(
    pool: Pool, history: History, kind: Kind, choice: Choice = "7", user: UUID | None = None, **wanted: Any
) -> list[ListedPerson]:
    """The whole list as its owner (or someone else) sees it."""
    with tenant(pool, user or history.user) as conn:
        if text := wanted.pop("text", None):
            wanted["search"] = looked_for(conn, history, text)
        asked = Wanted(kind, period(choice, NOW, UTC_ZONE), **wanted)
        return list(listing.page(conn, history.profile, asked, size=500, cursor=None).rows)


def looked_for(conn: WebConnection, history: History, text: str) -> Found:
    wanted = search(text)
    assert wanted is not None
    return find(conn, history.profile, wanted)


def names(people: list[ListedPerson]) -> list[str]:
    return sorted(person.username for person in people)


def test_an_unknown_name_belongs_to_nobody_else(history: History, web_pool: Pool) -> None:
    history.stay(history.person(""), BASELINE, known="before")
    history.stay(history.person(""), days_ago(40), days_ago(3))
    history.stay(history.person("taken"), days_ago(40), days_ago(3))
    history.stay(history.person("taken"), BASELINE, known="before")
    lost = listed(web_pool, history, Kind.LOST)
    assert {(person.username, person.name_taken) for person in lost} == {("", False), ("taken", True)}
    by_name = listed(web_pool, history, Kind.ALL, sort=Sort.USERNAME)
    assert names(by_name) == ["", "taken"]
    assert all(person.platform_id for person in by_name)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.ALL, ["anna.now", "back", "fan", "mutual", "new", "new.before.the.week"]),
        (Kind.NEW, ["back", "left.twice", "new"]),
        (Kind.LOST, ["back", "left.twice", "left.twice", "lost"]),
        (Kind.NOT_FOLLOWING_BACK, ["brand"]),
        (Kind.FANS, ["anna.now", "back", "fan", "new", "new.before.the.week"]),
        (Kind.MUTUAL, ["mutual"]),
        (Kind.RENAMED, ["anna.now"]),
    ],
)
@pytest.mark.parametrize("sort", Sort)
def test_each_class_holds_its_people_in_either_order(
    kind: Kind, expected: list[str], sort: Sort, filled: History, web_pool: Pool
) -> None:
    with web_pool:
        people = listed(web_pool, filled, kind, sort=sort)
        assert names(people) == expected
        keys = [person.username if sort is Sort.USERNAME else person.at for person in people]
        assert keys == sorted(keys, reverse=sort is Sort.NEWEST)
        with tenant(web_pool, filled.user) as conn:
            counted = listing.count(conn, filled.profile, Wanted(kind, WEEK))
            assert (counted.number, counted.more) == (len(expected), False)
            assert counted.back == expected.count("back") * (kind is Kind.LOST)


@pytest.mark.parametrize("kind", Kind)
def test_charlie_and_nobody_see_nobody(kind: Kind, filled: History, web_pool: Pool, people: Personas) -> None:
    with web_pool:
        assert listed(web_pool, filled, kind, user=people.charlie) == []
        with tenant(web_pool, people.charlie) as conn:
            assert looked_for(conn, filled, "a").ids == []
            asked = Wanted(kind, ALL_TIME, Sort.USERNAME, verified=False)
            assert listing.page(conn, filled.profile, asked, size=9, cursor=None).rows == ()


def test_all_time_reaches_back_but_the_first_reading_is_never_new(filled: History, web_pool: Pool) -> None:
    with web_pool:
        new = listed(web_pool, filled, Kind.NEW, "all")
        lost = listed(web_pool, filled, Kind.LOST, "all")
    assert names(new) == ["back", "left.twice", "lost", "lost.before.the.week", "new", "new.before.the.week"]
    assert names(lost) == ["back", "left.twice", "left.twice", "lost", "lost.before.the.week"]


def test_a_period_holds_its_first_moment_and_its_end_and_nothing_beyond(history: History, web_pool: Pool) -> None:
    assert WEEK.start is not None
    tick = timedelta(microseconds=1)
    for name, at in {"early": WEEK.start - tick, "first": WEEK.start, "last": NOW, "late": NOW + tick}.items():
        history.stay(history.person(name), at)
    with web_pool:
        assert names(listed(web_pool, history, Kind.NEW)) == ["first", "last"]


def test_rows_say_what_is_known_of_the_stay(filled: History, web_pool: Pool) -> None:
    with web_pool:
        (lost,) = [p for p in listed(web_pool, filled, Kind.LOST) if p.username == "lost"]
        (back,) = [p for p in listed(web_pool, filled, Kind.NEW) if p.username == "back"]
        (renamed,) = listed(web_pool, filled, Kind.RENAMED)
        (brand,) = listed(web_pool, filled, Kind.NOT_FOLLOWING_BACK)
    assert (lost.since, lost.until, lost.until_after, lost.until_known) == (
        days_ago(40),
        days_ago(3),
        days_ago(4),
        "between",
    )
    assert back.returned
    assert (renamed.old_username, renamed.new_username, renamed.since_known) == ("anna.then", "anna.now", "before")
    assert brand.since == BASELINE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann", ["anna", "zoe"]),
        ("@Anna", ["anna", "zoe"]),
        ("bell", ["bella.x", "zoe"]),
        ("ann bell", ["zoe"]),
        ("_x", ["_x_"]),
        ("%", []),
        ("'; drop table people; --", []),
        ("Ångs", ["åke"]),
    ],
)
def test_people_are_found_by_the_beginning_of_username_or_names(
    text: str, expected: list[str], history: History, web_pool: Pool
) -> None:
    for name, full in {
        "anna": None,
        "zoe": "Anna-Maria Bell",
        "bella.x": "",
        "_x_": "?",
        "åke": "Åke Ångström",
    }.items():
        history.stay(history.person(name, full_name=full), BASELINE, known="before")
    with web_pool:
        assert names(listed(web_pool, history, Kind.ALL, text=text)) == expected


def test_a_search_with_very_many_matches_still_finds_them_in_order(
    history: History, web_pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.store.followers.search.FEW", 2)
    for number in range(6):
        history.stay(history.person(f"p{number}", full_name="Anna Bell" if number % 2 else "Carl"), days_ago(number))
    with web_pool:
        found = listed(web_pool, history, Kind.ALL, text="anna")
        assert [person.username for person in found] == ["p1", "p3", "p5"]
        with tenant(web_pool, history.user) as conn:
            broad = Wanted(Kind.ALL, WEEK, search=looked_for(conn, history, "anna"))
            assert listing.count(conn, history.profile, broad) == Counted(None)


def test_verified_and_private_narrow_the_list(history: History, web_pool: Pool) -> None:
    for name, verified, private in (("v", True, False), ("p", False, True), ("vp", True, True), ("u", None, None)):
        person = history.person(name, is_verified=verified, is_private=private)
        history.stay(person, BASELINE, known="before")
    with web_pool:
        assert names(listed(web_pool, history, Kind.ALL, verified=True)) == ["v", "vp"]
        assert names(listed(web_pool, history, Kind.ALL, private=True)) == ["p", "vp"]
        assert names(listed(web_pool, history, Kind.ALL, private=False)) == ["v"]
        assert names(listed(web_pool, history, Kind.ALL, verified=True, private=True)) == ["vp"]


def test_counts_are_exact_up_to_their_bound_and_say_when_there_are_more(
    history: History, web_pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        history.stay(history.person(f"p{number}"), days_ago(1))
    with web_pool, tenant(web_pool, history.user) as conn:
        for bound, expected in ((4, Counted(4)), (3, Counted(3, more=True))):
            monkeypatch.setattr("shared.store.followers.listing.COUNTED_UP_TO", bound)
            assert listing.count(conn, history.profile, Wanted(Kind.NEW, WEEK)) == expected


def test_who_is_back_stays_in_the_list_of_the_lost_and_is_counted_beside(
    history: History, web_pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.stay(history.person("gone"), BASELINE, days_ago(6), known="before")
    for number in range(4):
        person = history.person(f"back{number}")
        history.stay(person, BASELINE, days_ago(3), known="before")
        history.stay(person, days_ago(2), returned=True)
    with web_pool, tenant(web_pool, history.user) as conn:
        assert listing.count(conn, history.profile, Wanted(Kind.LOST, WEEK)) == Counted(5, back=4)
        narrowed = Wanted(Kind.LOST, WEEK, private=False)
        assert listing.count(conn, history.profile, narrowed) == Counted(5, back=4)
        monkeypatch.setattr("shared.store.followers.listing.COUNTED_UP_TO", 1)
        assert listing.count(conn, history.profile, Wanted(Kind.LOST, WEEK)).more
        rows = listing.page(conn, history.profile, Wanted(Kind.LOST, WEEK), size=9, cursor=None).rows
    assert {row.username: row.came_back for row in rows} == {
        "gone": None,
        **{f"back{number}": days_ago(2) for number in range(4)},
    }


def test_the_people_of_the_first_whole_list_are_not_new_when_a_data_download_dates_them(
    history: History, web_pool: Pool
) -> None:
    history.run(days_ago(10))
    history.stay(history.person("there.before"), days_ago(12), known="exact")
    history.stay(history.person("came.after"), days_ago(2), known="exact")
    with web_pool:
        assert names(listed(web_pool, history, Kind.NEW, "all")) == ["came.after"]


def walked(pool: Pool, history: History, wanted: Wanted, size: int) -> tuple[list[int], list[int]]:
    """The row ids met by Next to the end, and by Previous back to the beginning."""
    down: list[int] = []
    up: list[int] = []
    with tenant(pool, history.user) as conn:
        cursor: Cursor | None = None
        while True:
            page = listing.page(conn, history.profile, wanted, size=size, cursor=cursor)
            down += [person.row_id for person in page.rows]
            if page.next is None:
                break
            cursor = page.next
        up = [person.row_id for person in page.rows]
        while page.previous is not None:
            page = listing.page(conn, history.profile, wanted, size=size, cursor=page.previous)
            up = [person.row_id for person in page.rows] + up
    return down, up


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(st.integers(0, 5), min_size=1, max_size=14),
    kind=st.sampled_from([Kind.ALL, Kind.NEW, Kind.LOST, Kind.RENAMED]),
    sort=st.sampled_from(Sort),
    size=st.integers(1, 6),
    many=st.booleans(),
)
def test_paging_neither_skips_nor_repeats_anybody(
    moments: list[int], kind: Kind, sort: Sort, size: int, many: bool, history: History, web_pool: Pool
) -> None:
    for table in ("people", "stays", "person_names"):
        history.owner.execute(psycopg.sql.SQL("delete from {}").format(psycopg.sql.Identifier(table)))
    for number, days in enumerate(moments):
        person = history.person(f"name{number % 3}")
        history.stay(person, days_ago(days + 1), days_ago(days) if kind is Kind.LOST else None)
        if kind is Kind.RENAMED:
            history.renamed(person, "old", "new", days_ago(days))
    web_pool.open()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.store.followers.listing._SORTED_UP_TO", 0 if many else 5_000)
        down, up = walked(web_pool, history, Wanted(kind, ALL_TIME, sort), size)
    assert len(down) == len(set(down)) == len(moments)
    assert up == down


def test_a_cursor_of_a_list_in_another_order_is_refused(filled: History, web_pool: Pool) -> None:
    with web_pool, tenant(web_pool, filled.user) as conn:
        for key, fault in (("anna", "isoformat"), ("2026-01-01", "without its zone")):
            with pytest.raises(ValueError, match=fault):
                listing.page(conn, filled.profile, Wanted(Kind.ALL, WEEK), size=2, cursor=Cursor(key, 1))


@pytest.fixture
def crowd(history: History) -> History:
    """Twenty thousand people, a tenth of whom came and a twentieth left since the first reading."""
    history.owner.execute(
        """
        with made as (
            insert into public.people (user_id, profile_id, platform_id, username, follows_me, follows_me_since,
                i_follow, i_follow_since, first_seen_at, updated_at)
            select %(user)s, %(profile)s, i::text, 'p' || md5(i::text), i %% 20 > 0,
                case when i %% 20 > 0 then %(now)s::timestamptz - (i %% 300) * interval '1 day' end,
                i %% 50 = 0, case when i %% 50 = 0 then %(now)s::timestamptz end, %(now)s, %(now)s
            from generate_series(1, 20000) i returning id, platform_id::int as i
        )
        insert into public.stays (user_id, profile_id, person_id, direction, since, since_known, until,
            until_known)
        select %(user)s, %(profile)s, id, 'follower', %(now)s::timestamptz - 400 * interval '1 day',
            case when i %% 10 = 0 then 'between' else 'before' end,
            case when i %% 20 = 0 then %(now)s::timestamptz - (i %% 300) * interval '1 day' end,
            case when i %% 20 = 0 then 'between' end
        from made
        """,
        {"user": history.user, "profile": history.profile, "now": NOW},
    )
    history.owner.execute("vacuum analyze public.people")
    history.owner.execute("vacuum analyze public.stays")
    return history


class Explained:
    """A connection that keeps the plan of every statement that is read by a cursor of it."""

    def __init__(self, conn: WebConnection) -> None:
        self.conn = conn
        self.plans: list[str] = []

    def cursor(self, **given: Any) -> Any:
        explained, cursor = self, self.conn.cursor(**given)
        execute = cursor.execute

        class Kept:
            def __enter__(self) -> "Kept":
                return self

            def __exit__(self, *_: object) -> None:
                cursor.close()

            def execute(self, statement: Any, values: Any = None) -> Any:
                wrapped = psycopg.sql.SQL("explain ") + statement if not isinstance(statement, str) else None
                if wrapped is not None:
                    rows = explained.conn.execute(wrapped, values).fetchall()
                    explained.plans.append("\n".join(row["QUERY PLAN"] for row in rows))
                return execute(statement, values)

        return Kept()

    def execute(self, statement: Any, values: Any = None) -> Any:
        return self.conn.execute(statement, values)


@pytest.mark.parametrize(
    ("kind", "index"),
    [
        (Kind.ALL, "people_followers_idx"),
        (Kind.FANS, "people_followers_idx"),
        (Kind.NEW, "stays_new_idx"),
        (Kind.LOST, "stays_user_until_idx"),
        (Kind.RENAMED, "person_names_user_idx"),
    ],
)
def test_a_page_walks_its_index_and_sorts_nothing(kind: Kind, index: str, crowd: History, web_pool: Pool) -> None:
    assert kind in BASES
    with web_pool, tenant(web_pool, crowd.user) as conn:
        # A small table may be read whole for less; the guard is on what the planner can do with the indexes.
        conn.execute("set local enable_seqscan = off")
        conn.execute("set local enable_bitmapscan = off")
        explained = Explained(conn)
        listing.page(explained, crowd.profile, Wanted(kind, ALL_TIME), size=50, cursor=None)  # type: ignore[arg-type]
    (plan,) = explained.plans
    inner = plan[: plan.index("CTE Scan on page")]
    assert index in inner, plan
    assert "Seq Scan" not in inner, plan
    walked_part = inner[inner.index("Limit") :]
    assert "->  Sort" not in walked_part, plan


def test_a_page_by_username_walks_the_names(crowd: History, web_pool: Pool) -> None:
    with web_pool, tenant(web_pool, crowd.user) as conn:
        explained = Explained(conn)
        listing.page(explained, crowd.profile, Wanted(Kind.ALL, WEEK, Sort.USERNAME), size=50, cursor=None)  # type: ignore[arg-type]
    (plan,) = explained.plans
    assert "people_username_idx" in plan, plan
