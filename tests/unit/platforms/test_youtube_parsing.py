"""YouTube's JSON: what is missing or of another form is not known, and a length is read in seconds."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.social import PlatformId
from shared.errors import UnexpectedAnswer
from worker.platforms.json_fields import count, duration, moment
from worker.platforms.youtube import parsing

CHANNEL = PlatformId("UCabcdefghijklmnopqrstuv")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        ("0", 0),
        ("1230", 1230),
        (7, 7),
        (None, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        (True, None),
        ("²", None),
        ("9" * 30, None),
        (-3, None),
        ([], None),
    ],
)
def test_a_count_is_a_whole_number_or_not_known(shown: Any, known: int | None) -> None:
    assert count({"n": shown}, "n") == known
    assert count({}, "n") is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1M3S", 63),
        ("PT15S", 15),
        ("PT2H", 7200),
        ("P1DT1S", 86401),
        ("PT0.5S", 0.5),
        ("P0D", None),
        ("PT0S", None),
        ("", None),
        ("63", None),
        (63, None),
        ("P", None),
    ],
)
def test_a_length_is_read_in_seconds(text: Any, seconds: float | None) -> None:
    assert duration({"d": text}, "d") == seconds


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-10T10:00:00Z", datetime(2026, 11, 10, 10, tzinfo=UTC)),
        ("2026-11-10T10:00:00.000+02:00", datetime(2026, 11, 10, 8, tzinfo=UTC)),
        ("2026-11-10T10:00:00", None),
        ("yesterday", None),
        (5, None),
        ("0001-01-01T00:00:00+23:59", None),
    ],
)
def test_a_time_is_read_with_its_offset(text: Any, at: datetime | None) -> None:
    assert moment({"t": text}, "t") == at


def test_a_channel_without_a_handle_is_named_by_its_id_and_its_uploads_follow_from_it() -> None:
    (channel,) = parsing.channels({"items": [{"id": CHANNEL}]})
    assert (channel.facts.username, channel.uploads, channel.began_at) == (CHANNEL, "UU" + CHANNEL[2:], None)
    assert (channel.facts.followers, channel.facts.media_count) == (None, None)


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": None}, {"items": [3]}])
def test_a_login_without_a_channel_has_none(body: dict[str, Any]) -> None:
    assert parsing.channels(body) == []


def test_likes_that_are_left_out_are_hidden_and_not_zero() -> None:
    shown = parsing.videos({"items": [{"id": "v", "statistics": {"viewCount": "5"}}]}, CHANNEL, "ada")["v"]
    assert (shown.metrics.likes, shown.metrics.plays, shown.counts_hidden) == (None, 5, True)


@given(JSON, JSON, JSON)
def test_any_json_is_a_video_or_an_unexpected_answer(snippet: Any, statistics: Any, details: Any) -> None:
    item = {"id": "v", "snippet": snippet, "statistics": statistics, "contentDetails": details, "status": snippet}
    (video,) = parsing.videos({"items": [item]}, CHANNEL, "ada").values()
    assert video.platform_id == "v"
    with pytest.raises(UnexpectedAnswer):
        parsing.videos({"items": [{**item, "id": None}]}, CHANNEL, "ada")


@given(JSON)
def test_any_page_of_uploads_is_read(items: Any) -> None:
    ids, further = parsing.upload_ids({"items": items, "nextPageToken": items})
    assert all(isinstance(one, str) for one in ids)
    assert further is None or isinstance(further, str)
