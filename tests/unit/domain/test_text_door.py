"""The door for texts: what comes out can be stored, shown and mailed, whatever went in."""

from __future__ import annotations

import io
import json
import unicodedata
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.input import text as door
from tests.rig.archives import garbled
from tests.unit.importers.test_insights import TAKEN
from worker.importers.data_download.insights import Insight, Unread, insights
from worker.importers.data_download.own_media import own_media
from worker.importers.data_download.text import LONGEST_LABEL, LONGEST_PATH
from worker.platforms.instagram_web.parsing.json_node import Node

# Surrogates and control characters are what Hypothesis leaves out by itself.
ANY = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("\x00\ud83d\udc00\u202e\u2066\u200e\r\n😀́"), max_size=60
)
FEW = settings(max_examples=60, deadline=None)


def is_clean(text: str) -> bool:
    bidi = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    text.encode()
    return not any(sign in bidi or (unicodedata.category(sign) == "Cc" and sign not in "\n\t") for sign in text)


@FEW
@given(ANY)
def test_what_comes_out_is_clean_and_stays_as_it_is(text: str) -> None:
    once = door.clean(text)
    assert is_clean(once)
    assert door.clean(once) == once
    line = door.clean_line(text)
    assert is_clean(line)
    assert "\n" not in line
    assert len(line) <= 200


def test_people_keep_their_letters_emoji_and_lines() -> None:
    for text in ("Olá ❤️ 👩‍👧\nשלום\tسلام", "نیم‌فاصله", "नमस्ते", "é"):
        assert door.clean(text) == text


def test_a_megabyte_is_cut_to_what_is_kept() -> None:
    assert door.clean("😀" * 2**20) == "😀" * door.LONGEST
    assert len(door.clean_line("\x00a\n" * 2**20)) <= 200


@FEW
@given(
    st.recursive(
        st.none() | st.integers() | ANY, lambda inner: st.lists(inner) | st.dictionaries(ANY, inner), max_leaves=8
    )
)
def test_json_keeps_its_shape_and_loses_what_no_database_takes(value: Any) -> None:
    written = door.dumps(value)
    assert "\\u0000" not in written
    assert type(json.loads(written)) is type(value)
    json.dumps(json.loads(written), ensure_ascii=False).encode()


@FEW
@given(ANY, ANY)
def test_no_text_of_a_data_download_leaves_its_readers_uncleaned(label: str, text: str) -> None:
    for given_label, given_text in ((label, text), (label * 400, text * 400)):
        item = {"string_map_data": {given_label: {"value": given_text}, "Likes": {"value": f"{given_text}: 5%"}}}
        for found in insights(io.BytesIO(json.dumps([item]).encode()), TAKEN):
            shown = found.label if isinstance(found, Unread) else found.breakdown or ""
            assert isinstance(found, Insight | Unread)
            assert is_clean(shown)
            assert len(shown) <= LONGEST_LABEL
        post = {"media": [{"uri": given_text, "title": given_label, "creation_timestamp": 1_740_000_000}]}
        (one,) = own_media(io.BytesIO(json.dumps([post]).encode()), "post")
        assert one is not None
        assert is_clean(one.caption or "")
        assert is_clean(one.uri or "")
        assert len((one.uri or "").encode()) <= 4 * LONGEST_PATH


@FEW
@given(ANY)
def test_no_text_of_a_platform_leaves_its_reader_uncleaned(text: str) -> None:
    node = Node({"name": text, "id": text})
    assert is_clean(node.text("name") or "")
    assert is_clean(node.id("id") or "")


def test_a_garbled_text_stays_mended() -> None:
    (one,) = own_media(
        io.BytesIO(json.dumps([{"title": garbled("caf\x00é ❤"), "creation_timestamp": 1_740_000_000}]).encode()), "post"
    )
    assert one is not None
    assert one.caption == "café ❤"
