"""JSON that is nested beyond all measure is refused in words wherever it comes from, and never ends a process."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.paging import read_token
from shared.errors import ArchiveUnsafe
from web.http.json_body import PlainJson
from worker.importers.data_download import owner
from worker.importers.data_download.json_stream import DEEPEST, deeper_than, values
from worker.importers.data_download.own_media import own_media
from worker.platforms.instagram_web.site.responses import parse_json


def nested(levels: int, way: str = "[]") -> bytes:
    opening, closing = {"[]": ("[", "]"), "{}": ('{"a":', "}")}[way]
    return (opening * levels + "1" + closing * levels).encode()


DEPTHS = [DEEPEST + 10, 400, 900, 5_000, 100_000]


@pytest.mark.parametrize("levels", DEPTHS)
@pytest.mark.parametrize("way", ["[]", "{}"])
@pytest.mark.parametrize(
    "document",
    [
        lambda deep: deep,
        lambda deep: b'[{"title": "x", "media": ' + deep + b"}]",
        lambda deep: b'{"relationships_followers": [' + deep + b"]}",
        lambda deep: b'{"a": {"b": ' + deep + b"}}",
    ],
)
def test_a_data_download_that_is_nested_too_deeply_is_refused(
    levels: int, way: str, document: Callable[[bytes], bytes]
) -> None:
    text = document(nested(levels, way))
    for read in (
        lambda: list(values(BytesIO(text))),
        lambda: list(own_media(BytesIO(text), "post")),
        lambda: owner.stated_username(BytesIO(text)),
        lambda: owner.earliest_moment(BytesIO(text)),
    ):
        with pytest.raises(ArchiveUnsafe):
            read()


TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=1), inner, max_size=3),
)


@given(TREES)
def test_depth_is_counted_as_it_is(value: Any) -> None:
    def depth(one: Any) -> int:
        if not isinstance(one, list | dict):
            return 0
        return 1 + max(map(depth, one.values() if isinstance(one, dict) else one), default=0)

    assert deeper_than(value, depth(value)) is False
    if depth(value):
        assert deeper_than(value, depth(value) - 1) is True


def test_what_real_data_downloads_hold_is_far_from_the_limit() -> None:
    inner: object = 1
    for _ in range(DEEPEST):
        inner = [inner]
    assert list(values(BytesIO(json.dumps({"a": {"b": inner}}).encode())))


@pytest.mark.parametrize("levels", [5_000, 100_000])
def test_other_readers_refuse_it_too(levels: int) -> None:
    text = nested(levels)
    assert parse_json(text.decode()) is None
    with pytest.raises(ValueError, match="not a page"):
        read_token(text.hex(), up=False)


@pytest.mark.parametrize("levels", [5_000, 100_000])
def test_every_route_that_reads_json_answers_400(levels: int) -> None:
    app = Flask("deep")
    app.json = PlainJson(app)

    @app.post("/strict")
    def strict() -> Any:
        return {"got": request.get_json()}

    @app.post("/forced")
    def forced() -> Any:
        return {"got": request.get_json(force=True, silent=True)}

    client = app.test_client()
    assert client.post("/strict", data=nested(levels), content_type="application/json").status_code == 400
    assert client.post("/forced", data=nested(levels)).get_json() == {"got": None}
