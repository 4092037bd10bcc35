"""EXPORT with a real database, context and folder: what each file says, and what is left when it fails."""

import asyncio
import csv
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from shared.domain.exports import Format, What
from shared.domain.jobs import JobKind
from shared.errors import Cancelled, LeaseLost, Permanent
from shared.files.folder import FolderFiles
from shared.store.files.exports import Export
from tests.conftest import Personas
from tests.rig.history import History
from tests.rig.official import Figures
from tests.worker.export_data import FIRST, MONDAY, NOW, TUESDAY, Data, Owner
from tests.worker.handling import Pool, claim, services_for, taken_over
from worker.exports.tables import TABLES
from worker.exports.write import write
from worker.jobs.files import export
from worker.services import Services

Row = dict[str, Any]
_FIRST_COLUMNS = {What.DAYS: "day", What.INSIGHTS: "day", What.AUDIENCE: "breakdown"}


@dataclass
class Desk:
    """Alice's profile, the folder of her files, and the worker that writes them."""

    data: Data
    services: Services
    folder: Path

    async def write(self, what: What, form: Format = Format.CSV, period: str = "all") -> bytes:
        request = self.data.request(what, form, period)
        await export.run(await claim(self.services.pool, [JobKind.EXPORT]), self.services)
        return self.read(request)

    def read(self, request: UUID) -> bytes:
        with self.services.files.open_reader(self.data.export(request)["path"]) as file:
            return file.read()

    async def csv(self, what: What, period: str = "all") -> list[Row]:
        text = (await self.write(what, Format.CSV, period)).decode("utf-8-sig")
        return list(csv.DictReader(StringIO(text, newline="")))

    def left(self) -> list[str]:
        return sorted(p.name for p in self.folder.rglob("*") if p.is_file())


@pytest.fixture
def desk(owner: Owner, people: Personas, make_profile: Callable[..., UUID], worker_pool: Pool, tmp_path: Path) -> Desk:
    profile = make_profile(people.alice, "ada.test", observed_at=NOW, timezone="Europe/Berlin", external_id="7")
    folder = tmp_path / "exports"
    services = replace(services_for(worker_pool), files=FolderFiles(folder))
    return Desk(Data(owner, people.alice, profile), services, folder)


async def test_followers_as_csv_say_who_since_when_and_how_exactly(desk: Desk) -> None:
    both = desk.data.follower("12", "carla", MONDAY, full_name="Carla Röß", is_verified=True, i_follow=True)
    desk.data.owner.execute("update people set i_follow_since = %s where id = %s", (FIRST, both))
    desk.data.stay(both, FIRST, direction="following", known="before")
    desk.data.follower("11", "ben", is_private=False)
    desk.data.person("13", "gone")
    carla, ben = await desk.csv(What.FOLLOWERS)
    assert carla == {
        "id": "12",
        "username": "carla",
        "full_name": "Carla Röß",
        "profile_url": "https://www.instagram.com/carla/",
        "verified": "true",
        "private": "",
        "follows_me": "true",
        "follows_me_since": "2026-11-16T13:00:00+01:00",
        "follows_me_after": "2026-11-15T13:00:00+01:00",
        "follows_me_known": "between",
        "i_follow": "true",
        "i_follow_since": "2026-10-11T14:00:00+02:00",
        "i_follow_after": "",
        "i_follow_known": "before",
    }
    assert (ben["id"], ben["full_name"], ben["private"], ben["follows_me_known"]) == ("11", "", "false", "before")
    assert (ben["i_follow"], ben["i_follow_since"], ben["i_follow_known"]) == ("false", "", "")


@pytest.mark.parametrize("what", [What.FOLLOWERS, What.FANS, What.NEW, What.CHANGES])
async def test_who_has_no_known_name_has_an_id_and_no_address(what: What, desk: Desk) -> None:
    desk.data.follower("12", "", MONDAY, full_name="Carla")
    (row,) = await desk.csv(what)
    assert (row["id"], row["username"], row["profile_url"], row["full_name"]) == ("12", "", "", "Carla")


async def test_the_file_is_utf_8_with_a_mark_and_lines_end_as_the_standard_says(desk: Desk) -> None:
    desk.data.follower("11", "ben", full_name='He said "hi", twice')
    content = await desk.write(What.FOLLOWERS)
    assert content.startswith(b"\xef\xbb\xbfid,username,")
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    assert b'"He said ""hi"", twice"' in content


async def test_the_row_learns_name_path_size_and_end_of_its_file(desk: Desk) -> None:
    desk.data.follower("11", "ben")
    request = desk.data.request(What.NOT_FOLLOWING_BACK)
    ctx = await claim(desk.services.pool)
    await export.run(ctx, desk.services)
    row = desk.data.export(request)
    (zone,) = desk.data.owner.execute("select rollcall.zone(timezone) as zone from profiles").fetchall()
    day = row["finished_at"].astimezone(ZoneInfo(zone["zone"])).date()
    assert row["filename"] == f"rollcall_ada.test_not-following-back_{day}.csv"
    assert row["path"] == f"{desk.data.user_id}/{request}-{ctx.job.fence}.csv"
    assert (row["row_count"], row["byte_count"]) == (0, len(desk.read(request)))
    assert row["expires_at"] - row["finished_at"] == timedelta(hours=72)
    progress = ctx.last_progress()
    assert progress == {"step": "write", "done": 0, "total": 0}


async def test_each_class_holds_its_people_and_nobody_elses(
    desk: Desk, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    mutual = desk.data.follower("1", "mutual", i_follow=True, i_follow_since=FIRST)
    desk.data.stay(mutual, FIRST, direction="following", known="before")
    desk.data.follower("2", "fan")
    desk.data.followed("3", "idol")
    other = Data(desk.data.owner, people.bob, make_profile(people.bob, "bob.test", observed_at=NOW))
    other.follower("9", "stranger")
    expected = {
        What.FOLLOWERS: {"1", "2"},
        What.FOLLOWING: {"1", "3"},
        What.MUTUAL: {"1"},
        What.FANS: {"2"},
        What.NOT_FOLLOWING_BACK: {"3"},
    }
    # A period does not narrow what holds now.
    assert {what: {row["id"] for row in await desk.csv(what, "7")} for what in expected} == expected


def _movement(data: Data) -> None:
    """Baseline stays; came on Monday; left on Tuesday; left, came and left; left and is back."""
    data.follower("1", "baseline")
    data.follower("2", "came", MONDAY)
    left = data.person("3", "left")
    data.stay(left, FIRST, TUESDAY, known="before")
    twice = data.person("4", "twice")
    data.stay(twice, FIRST, FIRST + timedelta(days=9), known="before")
    data.stay(twice, MONDAY, TUESDAY, returned=True)
    back = data.person("5", "back", follows_me=True, follows_me_since=TUESDAY)
    data.stay(back, FIRST, MONDAY, known="before")
    data.stay(back, TUESDAY, returned=True)
    followed = data.person("6", "followed", i_follow=True, i_follow_since=MONDAY)
    data.stay(followed, MONDAY, direction="following")
    data.owner.execute(
        "insert into person_names (user_id, profile_id, person_id, username, renamed_to, renamed_at, renamed_after)"
        " select user_id, profile_id, id, 'was.here', 'baseline', %s, %s from people where platform_id = '1'",
        (TUESDAY, MONDAY),
    )


async def test_new_lost_and_renamed_lie_in_the_period(desk: Desk) -> None:
    _movement(desk.data)
    new = await desk.csv(What.NEW, "7")
    assert [(r["id"], r["returned"], r["left_at"][:10]) for r in new] == [
        ("5", "true", ""),
        ("4", "true", "2026-11-17"),
        ("2", "false", ""),
    ]
    lost = await desk.csv(What.LOST)
    assert [(r["id"], r["left_at"][:10], r["left_known"], r["back"]) for r in lost] == [
        ("4", "2026-11-17", "between", "false"),
        ("3", "2026-11-17", "between", "false"),
        ("5", "2026-11-16", "between", "true"),
        ("4", "2026-10-20", "between", "false"),
    ]
    (renamed,) = await desk.csv(What.RENAMED, "28")
    assert (renamed["id"], renamed["previous_username"], renamed["new_username"]) == ("1", "was.here", "baseline")
    desk.data.owner.execute("update profiles set observed_at = %s", (NOW + timedelta(days=30),))
    assert await desk.csv(What.NEW, "28") == await desk.csv(What.LOST, "7") == await desk.csv(What.RENAMED, "7") == []
    assert len(await desk.csv(What.NEW, "90")) == 3


async def test_changes_tell_every_event_once_the_newest_first(desk: Desk) -> None:
    _movement(desk.data)
    changes = await desk.csv(What.CHANGES)
    told = [(r["at"][:10], r["id"], r["event"], r["list"], r["known"]) for r in changes]
    assert sorted(told) == sorted(
        [
            ("2026-11-17", "5", "returned", "followers", "between"),
            ("2026-11-17", "3", "lost", "followers", "between"),
            ("2026-11-17", "4", "lost", "followers", "between"),
            ("2026-11-17", "1", "renamed", "", "between"),
            ("2026-11-16", "2", "gained", "followers", "between"),
            ("2026-11-16", "4", "returned", "followers", "between"),
            ("2026-11-16", "5", "lost", "followers", "between"),
            ("2026-11-16", "6", "gained", "following", "between"),
            ("2026-10-20", "4", "lost", "followers", "between"),
        ]
    )
    assert [day for day, *_ in told] == sorted((day for day, *_ in told), reverse=True)


async def test_media_keep_unknown_figures_empty_and_carry_their_formula(desk: Desk) -> None:
    desk.data.medium(
        "31",
        code="Cx",
        caption="Tide\n#sea",
        hashtags=["sea", "tide"],
        mentions=["ben"],
        likes=90,
        comments=10,
        plays=2000,
        er_formula="er_views",
        er_numerator=100,
        er_denominator=2000,
    )
    desk.data.medium("32", kind="image", posted_at=NOW - timedelta(days=20), counts_hidden=True, comments=0)
    for source, hours in (("browser", 9), ("google", 5)):
        desk.data.owner.execute(
            "insert into media_metrics (media_id, captured_at, user_id, profile_id, source)"
            " select id, %s, user_id, profile_id, %s from media where profile_id = %s and platform_id = '31'",
            (NOW - timedelta(hours=hours), source, desk.data.profile_id),
        )
    newest, older = await desk.csv(What.MEDIA)
    assert (newest["id"], newest["caption"], newest["hashtags"], newest["mentions"]) == (
        "31",
        "Tide\n#sea",
        "sea tide",
        "ben",
    )
    assert (newest["likes"], newest["plays"], newest["views"]) == ("90", "2000", "")
    assert [newest[f"engagement_{part}"] for part in ("formula", "numerator", "denominator", "rate")] == [
        "er_views",
        "100",
        "2000",
        "5.0",
    ]
    assert (older["id"], older["likes"], older["comments"], older["engagement_rate"]) == ("32", "", "0", "")
    assert (newest["source"], older["source"]) == ("google", "")
    assert [row["id"] for row in await desk.csv(What.MEDIA, "7")] == ["31"]


async def test_past_insights_stand_in_columns_of_their_own_by_the_newest_export(desk: Desk) -> None:
    desk.data.medium("31", likes=90)
    desk.data.medium("32", posted_at=NOW - timedelta(days=3))
    row = desk.data.owner.execute("select id from media where platform_id = '31'").fetchone()
    assert row is not None
    older = NOW - timedelta(days=30)
    for metric, value, at, part in (
        ("reach", 1100, older, None),
        ("reach", 1000, NOW, None),
        ("saves", 0, older, None),
        ("follower_activity", 30, NOW, "Monday"),
    ):
        desk.data.owner.execute(
            "insert into insights (user_id, profile_id, source, metric, period, ended_on, breakdown, posted_at,"
            " media_id, value, captured_at) values (%s, %s, 'data_download', %s, 'range', %s, %s, %s, %s, %s, %s)",
            (*desk.data.owned, metric, at, part, NOW - timedelta(days=2), row["id"], value, at),
        )
    told, untold = await desk.csv(What.MEDIA)
    assert (told["past_insights_at"][:10], told["past_reach"], told["past_saves"]) == ("2026-11-20", "1000", "0")
    assert (told["likes"], told["past_likes"], told["reach"]) == ("90", "", "")
    assert (untold["past_insights_at"], untold["past_reach"]) == ("", "")


async def test_official_figures_of_posts_name_their_way_in_and_one_that_was_not_given_is_empty(desk: Desk) -> None:
    desk.data.medium("31")
    desk.data.medium("32", posted_at=NOW - timedelta(days=3))
    row = desk.data.owner.execute("select id from media where platform_id = '31'").fetchone()
    assert row is not None
    for metric, part, value, source in (
        ("media_reach", "", 1000, "instagram_login"),
        ("media_saves", "", 0, "instagram_login"),
        ("reel_average_watch_seconds", "", 4.5, "instagram_login"),
        ("media_profile_activity", "bio_link_clicked", 2, "instagram_login"),
    ):
        desk.data.owner.execute(
            "insert into media_insights (user_id, profile_id, media_id, source, metric, part, value, captured_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            (*desk.data.owned, row["id"], source, metric, part, value, NOW),
        )
    told, untold = await desk.csv(What.MEDIA)
    assert (told["official_source"], told["official_at"][:10]) == ("instagram_login", "2026-11-20")
    figures = [told[f"official_{name}"] for name in ("reach", "saves", "average_watch_seconds", "likes")]
    assert figures == ["1000", "0", "4.5", ""]
    assert (untold["official_source"], untold["official_reach"]) == ("", "")


async def test_a_strangers_name_is_no_formula_in_either_format(desk: Desk) -> None:
    desk.data.follower("1", "evil", full_name='=HYPERLINK("http://x","=1")')
    desk.data.follower("2", "sly", full_name="\ufeff ＠SUM(1;=2)")
    desk.data.follower("3", "odd", full_name="#N/A")
    names = [row["full_name"] for row in await desk.csv(What.FOLLOWERS)]
    assert names == ["#N/A", "'\ufeff ＠SUM(1;'=2)", '\'=HYPERLINK("http://x","=1")']
    book = load_workbook(BytesIO(await desk.write(What.FOLLOWERS, Format.XLSX)))
    cells = [row[2] for row in book["Followers"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == ["#N/A", "\ufeff ＠SUM(1;=2)", '=HYPERLINK("http://x","=1")']
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)


async def test_a_workbook_says_what_it_is_and_has_typed_cells(desk: Desk) -> None:
    desk.data.run("follower", MONDAY)
    desk.data.run("follower", TUESDAY, "partial", "The list was not read to its end.")
    desk.data.follower("12", "carla", MONDAY, is_verified=True)
    book = load_workbook(BytesIO(await desk.write(What.FOLLOWERS, Format.XLSX)))
    assert book.sheetnames == ["About", "Followers"]
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert (about["What"], about["Profile"], about["Rows"]) == ("Followers", "@ada.test (Instagram)", 1)
    assert about["Time of the data"] == datetime(2026, 11, 20, 13)  # noqa: DTZ001
    assert str(about["Time zone"]).startswith("Europe/Berlin")
    assert about["List of followers"] == (
        "Not complete at the last sync; last complete: 2026-11-16 13:00+01:00. The list was not read to its end."
    )
    assert about["List of followed"] == "Never synced"
    assert set(about) >= {f"Column {column.name}" for column in TABLES[What.FOLLOWERS].columns}
    sheet = book["Followers"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:N2"
    row = dict(zip(*sheet.iter_rows(values_only=True), strict=True))
    assert (row["id"], row["verified"], row["private"]) == ("12", True, None)
    assert row["follows_me_since"] == datetime(2026, 11, 16, 13)  # noqa: DTZ001


async def test_days_come_with_their_weeks_and_unknown_stays_empty(desk: Desk) -> None:
    desk.data.day("2026-11-15", followers=100, posts=0)
    desk.data.day("2026-11-16", followers=101, gained=3, lost=2, posts=1, likes=9, er_numerator=9, er_denominator=100)
    desk.data.day("2026-11-18", gained=1, lost=1, posts=2, er_numerator=11, er_denominator=100)
    rows = await desk.csv(What.DAYS, "7")
    assert [(r["day"], r["followers"], r["gained"], r["net"], r["engagement_rate"]) for r in rows] == [
        ("2026-11-18", "", "1", "0", "11.0"),
        ("2026-11-16", "101", "3", "1", "9.0"),
        ("2026-11-15", "100", "", "", ""),
    ]
    book = load_workbook(BytesIO(await desk.write(What.DAYS, Format.XLSX)))
    assert book.sheetnames == ["About", "Days", "Weeks"]
    assert book["Days"]["A2"].value == datetime(2026, 11, 18)  # noqa: DTZ001
    header, *weeks = book["Weeks"].iter_rows(values_only=True)
    late, early = (dict(zip(map(str, header), week, strict=True)) for week in weeks)
    assert (late["week"], late["days"], late["days_compared"]) == (datetime(2026, 11, 16), 2, 2)  # noqa: DTZ001
    assert (late["followers"], late["gained"], late["net"], late["likes"]) == (101, 4, 1, 9)
    assert late["engagement_rate"] == 10
    assert (early["days"], early["gained"], early["likes"], early["posts"]) == (1, None, None, 0)
    assert any(row[0] == "Formula er_views" for row in book["About"].iter_rows(values_only=True))


async def test_official_figures_by_day_name_source_and_state_and_a_gap_is_no_row(
    desk: Desk, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    figures = Figures(desk.data.owner, people.alice, desk.data.profile_id)
    figures.day("views", date(2026, 11, 10), 7)
    figures.day("views", date(2026, 11, 16), 0)
    figures.day("average_view_percent", date(2026, 11, 18), 42.37, provisional=True)
    Figures(desk.data.owner, people.bob, make_profile(people.bob, "bob.test")).day("views", date(2026, 11, 16), 9)
    rows = await desk.csv(What.INSIGHTS)
    assert [(row["day"], row["metric"], float(row["value"]), row["provisional"]) for row in rows] == [
        ("2026-11-18", "average_view_percent", 42.37, "true"),
        ("2026-11-16", "views", 0, "false"),
        ("2026-11-10", "views", 7, "false"),
    ]
    assert {(row["source"], row["read_at"]) for row in rows} == {("google", "2026-11-30T19:00:00+01:00")}
    assert [row["day"] for row in await desk.csv(What.INSIGHTS, "7")] == ["2026-11-18", "2026-11-16"]
    book = load_workbook(BytesIO(await desk.write(What.INSIGHTS, Format.XLSX)))
    assert book["Official figures by day"]["C2"].value == 42.37
    assert "List of followers" not in {row[0] for row in book["About"].iter_rows(values_only=True)}


async def test_the_audience_has_official_parts_and_those_of_data_downloads(desk: Desk, people: Personas) -> None:
    figures = Figures(desk.data.owner, people.alice, desk.data.profile_id)
    figures.share("age_gender", ["age18-24", "female"], "viewer_percent", 40.5, last=date(2026, 11, 17))
    figures.share("country", ["DE"], "views", 12, last=date(2026, 11, 17))
    History(desk.data.owner, people.alice, desk.data.profile_id).insight(
        "followers_by_country", 55.5, TUESDAY, breakdown="Germany"
    )
    rows = {row["breakdown"]: row for row in await desk.csv(What.AUDIENCE)}
    ages, country, download = (rows[name] for name in ("age_gender", "country", "followers_by_country"))
    assert (ages["part"], ages["second_part"], ages["metric"]) == ("age18-24", "female", "viewer_percent")
    assert (float(ages["value"]), ages["first_day"], ages["last_day"]) == (40.5, "2026-08-20", "2026-11-17")
    assert (country["part"], country["second_part"], float(country["value"])) == ("DE", "", 12)
    assert (download["source"], download["part"], download["metric"]) == ("data_download", "Germany", "percent")
    assert (float(download["value"]), download["first_day"]) == (55.5, "")
    assert len(await desk.csv(What.AUDIENCE, "7")) == 3
    book = load_workbook(BytesIO(await desk.write(What.AUDIENCE, Format.XLSX)))
    assert book["Audience"].max_row == 4


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("what", What)
async def test_every_file_of_an_account_that_was_never_read_has_its_header_and_no_row(
    desk: Desk, what: What, form: Format
) -> None:
    desk.data.owner.execute("update profiles set observed_at = null")
    content = await desk.write(what, form)
    names = [column.name for column in TABLES[what].columns]
    if form is Format.CSV:
        assert content.decode("utf-8-sig") == ",".join(names) + "\r\n"
    else:
        book = load_workbook(BytesIO(content))
        assert [[*row] for row in book.worksheets[1].iter_rows(values_only=True)] == [names]
    assert names[0] == _FIRST_COLUMNS.get(what, "id")


class _FullDisk(FolderFiles):
    @contextmanager
    def open_writer(self, path: str) -> Iterator[BinaryIO]:
        with super().open_writer(path) as file:
            yield file
            raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_full_disk_ends_the_job_with_a_sentence(desk: Desk) -> None:
    desk.data.request(What.FOLLOWERS)
    full = replace(desk.services, files=_FullDisk(desk.folder))
    with pytest.raises(Permanent, match=r"The disk .* is full\. Delete exports"):
        await export.run(await claim(desk.services.pool), full)
    assert desk.left() == []


@pytest.mark.parametrize("form", Format)
async def test_a_cancelled_export_leaves_no_file(desk: Desk, form: Format, tmp_path: Path) -> None:
    desk.data.follower("1", "ben")
    request = desk.data.request(What.FOLLOWERS, form)
    ctx = await claim(desk.services.pool)
    ctx.stop(Cancelled())
    with pytest.raises(Cancelled):
        await export.run(ctx, desk.services)
    assert desk.left() == []
    assert desk.data.export(request)["path"] is None


async def test_a_task_that_is_cancelled_in_the_middle_leaves_no_file(desk: Desk) -> None:
    desk.data.follower("1", "ben")
    desk.data.request(What.FOLLOWERS, Format.XLSX)
    ctx = await claim(desk.services.pool)
    begun = asyncio.Event()
    ctx.check = begun.set  # type: ignore[method-assign]
    task = asyncio.create_task(export.run(ctx, desk.services))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.left() == []


@pytest.mark.parametrize("form", Format)
async def test_stopping_in_the_middle_of_a_long_list_leaves_the_connection_fit_for_use(
    desk: Desk, form: Format
) -> None:
    owned = {"user": desk.data.user_id, "profile": desk.data.profile_id}
    desk.data.owner.execute(
        "insert into people (user_id, profile_id, platform_id, username, follows_me, follows_me_since, first_seen_at,"
        " updated_at) select %(user)s, %(profile)s, i::text, 'name' || i, true, now(), now(), now()"
        " from generate_series(1, 20000) i",
        owned,
    )
    request = Export(desk.data.request(What.FOLLOWERS, form), *desk.data.owned, What.FOLLOWERS, form, "all")

    def stop(done: int, total: int) -> None:
        assert total == 20000
        if done:
            raise Cancelled

    async with desk.services.pool.connection() as conn:
        with pytest.raises(Cancelled):
            await write(conn, request, BytesIO(), stop)
        await conn.rollback()
        file = BytesIO()
        assert (await write(conn, request, file, lambda *_: None))[1] == 20000
    assert file.tell() > 100_000


async def test_a_worker_that_lost_its_lease_changes_nothing(desk: Desk) -> None:
    desk.data.follower("1", "ben")
    request = desk.data.request(What.FOLLOWERS)
    old = await claim(desk.services.pool)
    new = await taken_over(desk.services.pool, old)
    with pytest.raises(LeaseLost):
        await export.run(old, desk.services)
    assert desk.left() == []
    assert desk.data.export(request)["finished_at"] is None
    await export.run(new, desk.services)
    assert desk.data.export(request)["row_count"] == 1
    assert len(desk.left()) == 1


async def test_an_export_that_was_deleted_before_its_job_is_not_written(desk: Desk) -> None:
    desk.data.request(What.FOLLOWERS)
    desk.data.owner.execute("delete from exports")
    await export.run(await claim(desk.services.pool), desk.services)
    assert desk.left() == []


async def test_an_export_that_is_deleted_while_it_is_written_leaves_no_file(desk: Desk) -> None:
    desk.data.request(What.FOLLOWERS)
    ctx = await claim(desk.services.pool)
    ctx.progress = lambda *_: desk.data.owner.execute("delete from exports")  # type: ignore[assignment, method-assign]
    await export.run(ctx, desk.services)
    assert desk.left() == []


async def test_files_whose_time_is_over_are_removed_by_the_next_export(desk: Desk) -> None:
    desk.data.request(What.FANS)
    await export.run(await claim(desk.services.pool), desk.services)
    old, other = desk.data.request(What.FOLLOWERS), uuid4()
    await export.run(await claim(desk.services.pool), desk.services)
    desk.data.owner.execute("update exports set expires_at = now() where id = %s", (old,))
    assert len(desk.left()) == 2
    await desk.write(What.FOLLOWING)
    assert len(desk.left()) == 2
    assert desk.data.export(old)["path"] is None
    assert not desk.data.owner.execute("select from exports where id = %s", (other,)).fetchall()
