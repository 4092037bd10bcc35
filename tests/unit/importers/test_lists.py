"""Lists of people in an official export: every year's shape, in pieces, and nothing skipped unseen."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.input.text import clean
from shared.errors import ArchiveDamaged, ArchiveUnsafe
from tests.rig import archives
from worker.importers.data_download import html_lists, json_lists
from worker.importers.data_download.entries import Named, moment, person_of
from worker.importers.data_download.html_lists import Header
from worker.importers.data_download.json_stream import values
from worker.importers.data_download.months import written_date
from worker.importers.data_download.text import mend, username_in_address

AT = datetime(2024, 7, 2, tzinfo=UTC)
NAMES = st.text("abcz019._", min_size=1, max_size=30)
FEW = settings(max_examples=30)
TIMES = st.integers(1_300_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def read(document: Any, section: str | None = None) -> list[Named | None]:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(json_lists.people(io.BytesIO(text), section))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param([archives.entry("ann", AT)], id="followers since 2023"),
        pytest.param({"relationships_followers": [archives.entry("ann", AT)]}, id="followers of 2021"),
        pytest.param({"relationships_following": [archives.titled("ann", AT)]}, id="following since December 2025"),
        pytest.param({"relationships_following": archives.titled("ann", AT)}, id="an object where a list is expected"),
        pytest.param(archives.entry("ann", AT), id="one bare entry"),
        pytest.param(archives.labelled("ann", AT), id="one bare entry with labels"),
        pytest.param([archives.labelled("ann", AT, "Username")], id="labels in English"),
        pytest.param([archives.labelled("ann", AT, "Benutzername")], id="labels in German"),
        pytest.param([archives.labelled("ann", AT, "Käyttäjänimi")], id="labels in a language that is not known"),
    ],
)
def test_each_years_shape_names_the_same_person(document: Any) -> None:
    assert read(document) == [Named("ann", AT)]


def test_the_oldest_form_keeps_both_lists_in_one_file() -> None:
    document = {"followers": {"ann": "2019-03-04T05:06:07"}, "following": {"bob": "2018-01-02T00:00:00+00:00"}, "x": {}}
    assert read(document, "followers") == [Named("ann", datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC))]
    assert read(document, "following") == [Named("bob", datetime(2018, 1, 2, tzinfo=UTC))]


def test_the_recorded_files(instagram_fixtures: Path) -> None:
    def of(name: str) -> list[Named | None]:
        return read((instagram_fixtures / name).read_bytes())

    assert [one and one.username for one in of("export_followers_1.json")] == ["fulano", "beltrano.x"]
    assert [one and one.username for one in of("export_following_title_2025-12_on.json")] == ["fulano", "frank"]
    single = of("export_restricted_profiles_single_object_2026.json")
    assert single == [Named("ana.test", datetime(2025, 2, 27, 11, 21, 40, tzinfo=UTC))]


@FEW
@given(NAMES, TIMES)
def test_the_value_is_believed_before_the_title_and_the_title_before_the_address(name: str, at: datetime) -> None:
    data = {"href": "https://www.instagram.com/_u/from.address?x=1", "value": name, "timestamp": archives.epoch(at)}
    assert person_of({"title": "from.title", "string_list_data": [data]}) == Named(name, at)
    del data["value"]
    assert person_of({"title": name, "string_list_data": [data]}) == Named(name, at)
    assert person_of({"title": "", "string_list_data": [data]}) == Named("from.address", at)
    labelled = archives.labelled(name, at) | {"string_list_data": [{"href": "https://www.instagram.com/other"}]}
    assert person_of(labelled) == Named(name, at)


@pytest.mark.parametrize(
    "entry", [None, 3, "ann", {}, {"title": "No Name"}, {"string_list_data": []}, {"label_values": 1}]
)
def test_an_entry_that_names_nobody_is_told_apart(entry: object) -> None:
    assert person_of(entry) is None
    assert read([entry, archives.entry("ann", AT)]) == [None, Named("ann", AT)]


@FEW
@given(st.text())
def test_garbled_text_is_mended_and_other_text_left_alone(text: str) -> None:
    assert mend(archives.garbled(text)) == clean(text)


@FEW
@given(st.text(alphabet=st.characters(min_codepoint=0x100, exclude_categories=["Cs"]), min_size=1))
def test_text_that_was_written_rightly_stays(text: str) -> None:
    assert mend(text) == clean(text)


@FEW
@given(NAMES)
def test_every_form_of_an_address_leads_to_its_name(name: str) -> None:
    forms = (
        "https://www.instagram.com/{}",
        "https://www.instagram.com/_u/{}",
        "http://instagram.com/{}/?hl=en",
        "/{}/",
    )
    assert {username_in_address(form.format(name)) for form in forms} == {name}
    assert username_in_address(f"https://example.org/{name}") is None


@pytest.mark.parametrize("value", [0, -5, None, True, "1719878400", 1e30, float("nan"), float("inf")])
def test_what_is_no_time_is_none(value: object) -> None:
    assert moment(value) is None


def test_milliseconds_are_seconds_too() -> None:
    assert moment(1719878400000) == moment(1719878400) == AT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=25,
)


class Drip(io.BytesIO):
    """A stream that gives a few bytes at a time, wherever that cuts."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3)


@FEW
@given(JSON, st.booleans())
def test_pieces_say_what_the_whole_document_says(document: Any, pretty: bool) -> None:
    text = json.dumps(document, indent=2 if pretty else None, ensure_ascii=not pretty).encode("utf-8", "surrogatepass")
    assert list(values(Drip(text))) == list(_flat(json.loads(text.decode("utf-8", "replace")), (), 2))


def _flat(value: Any, path: tuple[str, ...], levels: int) -> Any:
    if levels and isinstance(value, list):
        yield from ((path, item) for item in value)
    elif levels and isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, (*path, key), levels - 1)
    else:
        yield path, value


@pytest.mark.parametrize("text", [b"", b"[", b'[{"a": 1}', b"[1,]", b'{"a" 1}', b"[1] 2", b"{1: 2}", b'["a', b"<html>"])
def test_what_breaks_off_or_is_no_json_is_damaged(text: bytes) -> None:
    with pytest.raises(ArchiveDamaged):
        list(values(io.BytesIO(text)))


@pytest.mark.parametrize("text", [b'[["' + b"[" * 200_000, b'["' + b"a" * 9_000_000 + b'"]', b"[" * 100_000])
def test_a_value_beyond_all_measure_is_refused(text: bytes) -> None:
    with pytest.raises((ArchiveUnsafe, ArchiveDamaged)):
        list(values(io.BytesIO(text)))


def page(people: dict[str, datetime], **more: str) -> tuple[list[Named | None], Header]:
    header = Header()
    text = archives.html_page({name: at - timedelta(hours=7) for name, at in people.items()}, **more)
    return list(html_lists.people(Drip(text.encode()), header)), header


def test_a_page_names_people_with_dates_in_utc_by_the_offset_of_its_header() -> None:
    people = {"ann": datetime(2026, 2, 8, 20, 17, tzinfo=UTC), "bob.x": datetime(2020, 12, 31, 23, 59, tzinfo=UTC)}
    found, header = page(people)
    assert found == [Named(name, at) for name, at in people.items()]
    assert header.made_at == datetime(2026, 8, 12, 5, 3, tzinfo=UTC)
    assert (header.offset, header.window) == (timedelta(hours=7), None)


def test_a_page_without_a_header_tells_no_offset() -> None:
    found, header = page({"ann": AT}, made="")
    assert [one and one.username for one in found] == ["ann"]
    assert header == Header()


def test_headings_and_tables_name_people_too() -> None:
    text = """<header><time datetime="2026-08-12T05:03Z">Aug 12, 2026 5:03 am</time>
    Feb 1, 2026 to Aug 11, 2026</header>
    <h2>carol.x</h2><a href="https://www.instagram.com/_u/carol.x">https://www.instagram.com/_u/carol.x</a>
    <div>Feb 08, 2026 1:17 pm</div>
    <table><tr><td>URL</td><td></td></tr><tr><td>Name</td><td>Dave D</td></tr>
    <tr><td>Nome de usuário<div><div>dave</div></div></td></tr></table><div>Mar 01, 2026 12:05 am</div><a href="https://www.instagram.com/">Instagram</a>
    <a href="https://www.instagram.com/not%20a%20name">?</a><div>Mar 02, 2026 1:05 am</div>"""
    header = Header()
    assert list(html_lists.people(io.BytesIO(text.encode()), header)) == [
        Named("carol.x", datetime(2026, 2, 8, 13, 17, tzinfo=UTC)),
        Named("dave", datetime(2026, 3, 1, 0, 5, tzinfo=UTC)),
        None,
    ]
    assert header.window == (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 8, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Feb 08, 2026 1:17 pm", "2026-02-08 13:17"),
        ("Feb 08, 2026 12:17 am", "2026-02-08 00:17"),
        ("8 de fevereiro de 2026 13:17", "2026-02-08 13:17"),
        ("8 févr. 2026, 13:17", "2026-02-08 13:17"),
        ("ago 3, 2024 9:05 a. m.", "2024-08-03 09:05"),
        ("12. März 2026 um 14:05", "2026-03-12 14:05"),
        ("13.02.2026, 13:17", "2026-02-13 13:17"),
        ("2026-02-08 13:17", "2026-02-08 13:17"),
        ("02/08/2026 13:17", None),
        ("Feb 31, 2026 1:17 pm", None),
        ("ann", None),
        ("Followers 2026", None),
    ],
)
def test_dates_are_read_in_the_languages_of_their_readers(text: str, expected: str | None) -> None:
    found = written_date(text)
    assert (found and f"{found:%Y-%m-%d %H:%M}") == expected
