"""Files on which other tools failed, through the real import: whose they are, of which day, for which period."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shared.errors import ArchiveMixed
from tests.rig import archives
from tests.rig.archives import FOLLOWS, Members
from tests.worker.handling import claim
from tests.worker.jobs.files.test_import_download import Desk, day, desk, since
from worker.jobs.files import import_download

__all__ = ["desk"]
pytestmark = pytest.mark.slow
FIXTURES = Path(__file__).parents[5] / "shared" / "fixtures" / "other-tools-faults"
CROWD = since(*(f"user{number:02}" for number in range(40)))
JUNE_NAME = "instagram-alice.test-2026-06-01-a1B2c3D4.zip"
AUGUST_NAME = "instagram-alice.test-2026-08-09-a1B2c3D4.zip"
FINNISH = (
    *("tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta"),
    *("heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta"),
)


def followers(people: dict[str, datetime], number: int = 1) -> Members:
    return {f"{FOLLOWS}followers_{number}.json": archives.followers_2023(people)}


def finnish(at: datetime) -> str:
    return f"{at.day}. {FINNISH[at.month - 1]} {at.year} kello {at:%H:%M}"


def klingon(at: datetime) -> str:
    return f"{at.day}. jar{'abcdefghijkl'[at.month - 1]} {at.year}, {at:%H:%M}"


def page(people: dict[str, datetime], shown: Callable[[datetime], str], made: datetime) -> Members:
    rows = "".join(
        f'<div><a href="https://www.instagram.com/{name}">{name}</a><div>{shown(at)}</div></div>'
        for name, at in people.items()
    )
    head = f'<header><time datetime="{made:%Y-%m-%dT%H:%MZ}">{shown(made)}</time></header>'
    return {f"{FOLLOWS}followers_1.html": f"<html><body>{head}{rows}</body></html>"}


def fixture_file(name: str) -> bytes:
    path = FIXTURES / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout")
    return path.read_bytes()


def list_of(report: dict[str, Any]) -> dict[str, Any]:
    return dict(report["lists"]["follower"])


async def refused(desk: Desk, *files: bytes, names: list[str] | None = None) -> str:
    desk.hand_over(*files, names=names)
    with pytest.raises(ArchiveMixed) as caught:
        await import_download.run(await claim(desk.pool), desk.services)
    assert desk.now() == set()
    return str(caught.value)


@pytest.mark.parametrize("shown", [finnish, klingon])
async def test_a_page_of_a_period_in_another_language_loses_nobody(desk: Desk, shown: Any) -> None:
    await desk.read(archives.zipped(followers(CROWD), day(0)))
    newest = {name: at for name, at in CROWD.items() if at >= day(-290)}
    for at in (10, 20):
        found = list_of(await desk.read(archives.zipped(page(newest, shown, day(at)), day(at))))
        assert (found["verdict"], found["lost"], found["missing"]) == ("partial", 0, 0)
    assert desk.lost() == set()
    assert desk.now() == set(CROWD)


async def test_a_page_some_of_whose_dates_are_not_read_waits_for_a_second_list(desk: Desk) -> None:
    await desk.read(archives.zipped(followers(CROWD), day(0)))
    entries = [archives.entry(name, at) for name, at in CROWD.items() if name != "user39"]
    entries[3]["string_list_data"][0]["timestamp"] = 0
    content: Members = {f"{FOLLOWS}followers_1.json": json.dumps(entries)}
    newer = archives.entry("new", day(5))
    content[f"{FOLLOWS}followers_1.json"] = json.dumps([*entries, newer])
    found = list_of(await desk.read(archives.zipped(content, day(10))))
    assert (found["verdict"], found["lost"], found["missing"]) == ("whole", 0, 1)


async def test_whole_lists_with_dates_in_words_still_tell_who_left(desk: Desk) -> None:
    await desk.read(archives.zipped(followers(CROWD), day(0)))
    left = {name: at for name, at in CROWD.items() if name != "user05"}
    found = list_of(await desk.read(archives.zipped(page(left, finnish, day(10)), day(10))))
    assert (found["undated"], found["lost"]) == (0, 1)
    assert desk.lost() == {"user05"}


@pytest.mark.parametrize("name", ["export.zip", JUNE_NAME, f"Copy of {JUNE_NAME}"])
async def test_an_old_file_that_was_packed_again_loses_nobody(desk: Desk, name: str) -> None:
    old = since(*(f"old{number}" for number in range(10)))
    new = old | {"new1": day(30), "new2": day(60), "new3": day(90)}
    await desk.read(archives.zipped(followers(old), day(0)))
    await desk.read(archives.zipped(followers(new), day(120)))
    found = list_of(await desk.read(archives.zipped(followers(old), day(170)), names=[name]))
    assert (found["verdict"], found["lost"]) == ("dates", 0)
    assert desk.now() == set(new)


async def test_one_who_came_last_is_not_lost_by_a_file_whose_day_only_its_packing_tells(desk: Desk) -> None:
    await desk.read(archives.zipped(followers(since("ann", "bea")), day(0)))
    await desk.read(archives.zipped(followers(since("ann", "bea") | {"new": day(5)}), day(10)))
    await desk.read(archives.zipped(followers(since("ann", "bea")), day(20)))
    assert desk.lost() == set()
    later = "instagram-alice.test-2026-07-01-a1B2c3D4.zip"
    await desk.read(archives.zipped(followers(since("ann", "bea")), day(30)), names=[later])
    assert desk.lost() == {"new"}


async def test_two_accounts_at_once_are_refused_by_both_their_names(desk: Desk) -> None:
    alice, bob = archives.zipped(followers(since("ann"))), archives.zipped(followers(since("bea"), 2))
    said = await refused(desk, alice, bob, names=[JUNE_NAME, JUNE_NAME.replace("alice", "bob")])
    assert "@alice.test" in said
    assert "@bob.test" in said
    both = archives.zipped(followers(since("ann"))), archives.zipped(followers(since("bea")))
    said = await refused(desk, *both, names=[JUNE_NAME, JUNE_NAME.replace("alice", "bob")])
    assert "@alice.test, @bob.test" in said
    stated = archives.zipped(archives.personal("bob.test"))
    assert "@bob.test" in await refused(desk, alice, stated, names=[JUNE_NAME, "b.zip"])
    alices, bobs = f"{JUNE_NAME[:-4]}/{FOLLOWS}", f"{JUNE_NAME[:-4].replace('alice', 'bob')}/{FOLLOWS}"
    folders: Members = {
        f"{alices}followers_1.json": archives.followers_2023(since("ann")),
        f"{bobs}following.json": archives.following_2025(since("bea")),
    }
    assert "@bob.test" in await refused(desk, archives.zipped(folders))
    assert "@bob.test" in await refused(
        desk,
        archives.zipped(archives.personal("alice.test") | followers(since("ann"))),
        archives.zipped(archives.personal("bob.test")),
    )


async def test_two_days_at_once_are_refused(desk: Desk) -> None:
    first, second = archives.zipped(followers(since("ann"))), archives.zipped(followers(since("bea"), 2))
    said = await refused(desk, first, second, names=[JUNE_NAME, JUNE_NAME.replace("06-01", "06-02")])
    assert "2026-06-01 and 2026-06-02" in said
    assert "different days" in await refused(desk, first, archives.zipped(followers(since("bea"), 2), day(9)))
    pages: Members = page(since("ann"), finnish, day(0)) | {
        f"{FOLLOWS}followers_2.html": page(since("bea"), finnish, day(3))[f"{FOLLOWS}followers_1.html"]
    }
    assert "different days" in await refused(desk, archives.zipped(pages))
    assert "different days" in await refused(
        desk,
        archives.zipped(page(since("ann"), finnish, day(0))),
        names=[JUNE_NAME.replace("06-01", "09-29")],
    )


COPIES = [
    "followers_1 2.json",
    "followers_1 - Copy.json",
    "followers_1-1.json",
    "followers_1(1).json",
    "followers_1 (1).json",
    "followers_1 - Kopie.json",
    "followers_1 copy.json",
    "followers_1 - Copy (2).json",
    "followers_1 copy 3.json",
    "followers_1 – kopia.json",
    "followers_1のコピー.json",
    "followers_1 - コピー.json",
    "followers_1 的副本.json",
    "followers_1 (копия).json",
    "Copy of followers_1.json",
    "Kopie von followers_1.json",
    "FOLLOWERS_1 (1).JSON",
]


@pytest.mark.parametrize("name", COPIES)
async def test_a_copy_is_read_and_beside_its_original_it_is_one_file_or_refused(desk: Desk, name: str) -> None:
    one, other = (archives.followers_2023(since(*names)).encode() for names in (("ann", "bea"), ("ann", "cay")))
    said = await refused(desk, one, other, names=["followers_1.json", name])
    assert name in said
    report = await desk.read(one, one, names=["followers_1.json", name])
    assert (list_of(report)["people"], list_of(report)["files"]) == (2, 1)
    assert desk.now() == {"ann", "bea"}


@pytest.mark.parametrize("name", COPIES)
async def test_a_copy_alone_is_read(desk: Desk, name: str) -> None:
    report = await desk.read(archives.followers_2023(since("ann", "bea")).encode(), names=[name])
    assert list_of(report)["people"] == 2


async def test_notes_of_macos_in_a_packed_folder_are_no_lists(desk: Desk) -> None:
    members = followers(since("ann")) | {f"__MACOSX/{FOLLOWS}._followers_1.json": b"\x00\x05\x16\x07"}
    assert list_of(await desk.read(archives.zipped(members)))["people"] == 1


async def test_files_that_name_the_same_people_are_two_days(desk: Desk) -> None:
    twice: Members = followers(CROWD) | followers({**CROWD, "late": day(5)}, 2)
    found = list_of(await desk.read(archives.zipped(twice)))
    assert (found["verdict"], found["people"]) == ("partial", 41)


async def test_the_given_files_in_their_order(desk: Desk) -> None:
    await desk.read(fixture_file("02-first-whole.zip"), names=["02-first-whole.zip"])
    found = list_of(await desk.read(fixture_file("02-second-period-finnish.zip"), names=["second.zip"]))
    assert (found["lost"], desk.lost()) == (0, set())
    assert found["verdict"] != "whole"


async def test_the_given_old_file_packed_again(desk: Desk) -> None:
    for name in ("03-first-june.zip", "03-second-september.zip", "03-third-june-packed-again-in-november.zip"):
        await desk.read(fixture_file(name), names=[name])
    assert (len(desk.now()), desk.lost()) == (13, set())


@pytest.mark.parametrize(
    "other", ["instagram-bob.test-2026-06-01-e5F6g7H8.zip", JUNE_NAME.replace("06-01-a1B2c3D4", "09-29-b1C2d3E4")]
)
async def test_the_given_pairs_are_refused(desk: Desk, other: str) -> None:
    said = await refused(desk, fixture_file(JUNE_NAME), fixture_file(other), names=[JUNE_NAME, other])
    assert "@alice.test, @bob.test" in said or "2026-06-01 and 2026-09-29" in said


@pytest.mark.parametrize("name", ["01-months-finnish.zip", "01-months-croatian.zip"])
async def test_the_given_months(desk: Desk, name: str) -> None:
    await desk.read(fixture_file(name), names=[name])
    for month in range(1, 13):
        (stay,) = desk.stays(f"guest{month:02}")
        if stay["since_known"] == "exact":
            assert (stay["since"].year, stay["since"].month, stay["since"].day) == (2025, month, 8)
        else:
            assert stay["since"] - timedelta(days=2) <= datetime(2025, month, 8, tzinfo=UTC) <= stay["since"] or (
                stay["since_after"] is None
            )


# Half a megabyte and a megabyte that pack no better than a text does.
LONG_EMOJI = "".join(Random(1).choices([chr(0x1F600 + number) for number in range(64)], k=2**17))
LONG_TEXT = "".join(Random(2).choices("abcdefghijklmnopqrstuvwxyz ", k=2**20))
HARD = ("caf\x00e", "half \ud83d pair", "\u202eevil\u2069", "\x1b[31m", LONG_EMOJI, LONG_TEXT, "a\r\nSubject: b")


@pytest.mark.parametrize("hard", HARD, ids=range(len(HARD)))
async def test_no_text_of_a_data_download_stops_its_import(desk: Desk, hard: str) -> None:
    posts = [{"media": [{"uri": hard, "creation_timestamp": 1_740_000_000, "title": hard}]}]
    told = {
        hard: {"value": "5"},
        "Likes": {"value": hard},
        "Engaged accounts by follow type": {"value": f"{hard[:5000]}: 5.6%"},
    }
    entry = {"title": hard, "string_list_data": [{"href": hard, "value": hard, "timestamp": 1_740_000_000}]}
    members: Members = {
        f"{FOLLOWS}followers_1.json": json.dumps([archives.entry(name, day(-9)) for name in ("ann", "bea")] + [entry]),
        f"{FOLLOWS}close_friends.json": json.dumps([entry]),
        "your_instagram_activity/media/posts_1.json": json.dumps(posts),
        "logged_information/past_instagram_insights/profiles_reached.json": json.dumps([{"string_map_data": told}]),
        "personal_information/personal_information.json": json.dumps({"profile_user": [{hard: {"value": hard}}]}),
    }
    stored = archives.zipped(members, day(0))
    report = await desk.read(stored, names=[f"{hard[:80]}.zip"])
    assert {"ann", "bea"} <= desk.now()
    assert report["media"] == {"post": 1}
    media = desk.one("select caption, uri from imported_media")
    assert "\x00" not in (media["caption"] + media["uri"])
    assert not set("\u202e\u2069\x1b\r") & set(media["caption"] + "".join(report["insights_unread_labels"]))


async def test_french_insights_go_in_with_their_period_or_not_at_all(desk: Desk) -> None:
    reached = {"Période": "May 29 - Aug 26", "Comptes touchés": "385,340", "Impressions": "610,362"}
    audience = {"Période": "May 29 - Aug 26", "Total des followers": "9,795", "Followers en plus": "19,055"}
    told = archives.past_insights("profiles_reached", (None, reached)) | archives.past_insights(
        "audience_insights", (None, audience)
    )
    report = await desk.read(archives.zipped(told | followers(since("ann")), day(120)))
    rows = desk.owner.execute(
        "select metric, value::int as value, period, started_on, ended_on from insights"
    ).fetchall()
    assert rows == [
        {
            "metric": "impressions",
            "value": 610362,
            "period": "range",
            "started_on": datetime(2026, 5, 29, tzinfo=UTC),
            "ended_on": datetime(2026, 8, 26, tzinfo=UTC),
        }
    ]
    assert set(report["insights_unread_labels"]) == {"comptes touchés", "total des followers", "followers en plus"}


async def test_a_period_that_is_not_understood_takes_its_figures_with_it(desk: Desk) -> None:
    texts = {"Ajanjakso": "29. xyzkuuta - 26. abckuuta", "Impressions": "610,362"}
    told = archives.past_insights("profiles_reached", (None, texts))
    report = await desk.read(archives.zipped(told | followers(since("ann")), day(120)))
    assert (report["insights"], report["insights_unread_labels"]) == (0, ["impressions"])


async def test_the_given_french_insights(desk: Desk) -> None:
    await desk.read(fixture_file("19-insights-french.zip"), names=["19-insights-french.zip"])
    spans = desk.owner.execute("select distinct started_on, ended_on from insights").fetchall()
    assert spans == [{"started_on": datetime(2026, 5, 29, tzinfo=UTC), "ended_on": datetime(2026, 8, 26, tzinfo=UTC)}]
    values = desk.owner.execute("select value::int as value from insights where metric = 'followers'").fetchall()
    assert [row["value"] for row in values] == [102497]


@pytest.mark.parametrize("name", ["05-caption-nul.zip", "05-caption-half-a-pair.zip"])
async def test_the_given_captions(desk: Desk, name: str) -> None:
    await desk.read(fixture_file(name), names=[name])
    assert desk.now() == {"ann", "bea"}


async def test_a_file_packed_again_and_imported_first_dates_no_loss_by_its_packing(desk: Desk) -> None:
    """Made in June, packed again in November: who left in July is not said to have left after the packing."""
    old = since("ann", "bea", "cleo")
    june, november = max(old.values()), day(170)
    found = list_of(await desk.read(archives.zipped(followers(old), november), names=["export.zip"]))
    assert "its newest entry is of" in found["reason"]
    assert desk.one("select captured_at from profile_counts")["captured_at"] == june
    newer = since("ann", "bea") | {"new": day(30)}
    await desk.read(archives.zipped(followers(newer), day(180)), names=["instagram-alice.test-2026-12-07-a1B2c3D4.zip"])
    (stay,) = desk.stays("cleo")
    assert (stay["until_after"], stay["until_known"]) == (june, "between")
    assert stay["until"] > november


async def test_a_file_packed_again_and_imported_first_does_not_make_a_later_one_older(desk: Desk) -> None:
    await desk.read(archives.zipped(followers(since("ann", "bea", "cleo")), day(170)), names=["export.zip"])
    await desk.read(archives.zipped(followers(since("ann", "bea") | {"new": day(30)}), day(60)), names=[AUGUST_NAME])
    assert (desk.lost(), desk.now()) == ({"cleo"}, {"ann", "bea", "new"})
    (stay,) = desk.stays("cleo")
    assert stay["until_after"] == max(since("ann", "bea", "cleo").values())


@pytest.mark.parametrize("packed_again", [False, True])
async def test_after_a_file_without_a_day_a_walk_says_since_when_somebody_may_be_gone(
    desk: Desk, packed_again: bool
) -> None:
    names = ["export.zip" if packed_again else JUNE_NAME]
    people = since("ann", "bea")
    await desk.read(archives.zipped(followers(people), day(170) if packed_again else day(0)), names=names)
    await desk.walk({1: "ann", 2: "new"}, 171)
    (stay,) = desk.stays("new")
    assert stay["since_after"] == (max(people.values()) if packed_again else day(0))


async def test_a_file_without_day_and_dates_tells_no_earliest_moment(desk: Desk) -> None:
    entries = [{**archives.entry(name, day(0)), "string_list_data": [{"value": name}]} for name in ("ann", "bea")]
    content: Members = {f"{FOLLOWS}followers_1.json": json.dumps(entries)}
    found = list_of(await desk.read(archives.zipped(content, day(170)), names=["export.zip"]))
    assert found["reason"].endswith("it was packed on 18 Nov 2026.")
    assert desk.one("select observed_start from list_runs where direction = 'follower'")["observed_start"] is None
    assert desk.owner.execute("select from profile_counts").rowcount == 0


def english(at: datetime) -> str:
    return f"{at:%b} {at.day}, {at.year} {at:%H:%M}"


def both_forms(as_json: dict[str, datetime], as_page: dict[str, datetime]) -> bytes:
    return archives.zipped({**followers(as_json), **page(as_page, english, day(0))}, day(0))


async def test_one_list_in_both_forms_is_read_once_and_its_page_tells_the_day(desk: Desk) -> None:
    people = since("ann", "bea", "cleo")
    content = {**followers(people), **page(dict(reversed(people.items())), english, day(0))}
    found = list_of(await desk.read(archives.zipped(content, day(170)), names=["export.zip"]))
    assert (len(desk.now()), found["verdict"], found["reason"]) == (3, "whole", None)
    assert desk.one("select observed_end from list_runs where direction = 'follower'")["observed_end"] == day(0)


@pytest.mark.parametrize("other", [("ann", "bea"), ("ann", "bea", "dan"), ("ann", "bea", "cleo", "dan")])
async def test_one_list_in_two_forms_that_differ_is_refused(desk: Desk, other: tuple[str, ...]) -> None:
    told = await refused(desk, both_forms(since("ann", "bea", "cleo"), since(*other)), names=[JUNE_NAME])
    assert f"the JSON names 3 and the HTML {len(other)}" in told


async def test_the_two_forms_may_lie_in_two_files_and_are_compared_all_the_same(desk: Desk) -> None:
    as_json = archives.zipped(followers(since("ann", "bea")), day(0))
    as_page = archives.zipped(page(since("ann"), english, day(0)), day(0))
    assert "The list of followers is there twice" in await refused(desk, as_json, as_page)


async def test_the_other_lists_in_two_forms_are_counted_once(desk: Desk) -> None:
    entries = json.dumps({"relationships_follow_requests_sent": [archives.entry("dan", day(-3))]})
    as_page = page(since("dan"), english, day(0))[f"{FOLLOWS}followers_1.html"]
    content: Members = {
        **followers(since("ann")),
        f"{FOLLOWS}pending_follow_requests.json": entries,
        f"{FOLLOWS}pending_follow_requests.html": as_page,
    }
    report = await desk.read(archives.zipped(content, day(0)), names=[JUNE_NAME])
    assert report["others"]["pending_follow_requests"]["entries"] == 1


async def test_accounts_no_longer_followed_in_two_forms_that_differ_are_refused(desk: Desk) -> None:
    entries = json.dumps({"relationships_unfollowed_users": [archives.entry("dan", day(-3))]})
    as_page = page(since("eve"), english, day(0))[f"{FOLLOWS}followers_1.html"]
    content: Members = {
        **followers(since("ann")),
        f"{FOLLOWS}recently_unfollowed_profiles.json": entries,
        f"{FOLLOWS}recently_unfollowed_profiles.html": as_page,
    }
    assert "no longer followed is there twice" in await refused(desk, archives.zipped(content, day(0)))
