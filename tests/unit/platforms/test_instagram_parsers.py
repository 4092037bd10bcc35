"""Every parser returns a value or a typed error for any input; and each recorded answer is parsed."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import errors
from tests.conftest import REPO
from tests.unit.platforms.test_instagram_parse import ANY_JSON
from tests.unit.platforms.test_instagram_responses import MEANS
from worker.platforms.instagram_web.parsing import profile_and_lists

Parser = Callable[[Any], object]
PARSERS: dict[str, Parser] = {
    "people_page": profile_and_lists.people_page,
    "profile": profile_and_lists.profile,
    "media_page": profile_and_lists.media_page,
    "clips_page": profile_and_lists.clips_page,
    "media_info": profile_and_lists.media_info,
    "stories": profile_and_lists.stories,
    "story_viewers": profile_and_lists.story_viewers,
    "likers": profile_and_lists.likers,
}
USER = {"pk": 42, "pk_id": "42", "id": "42", "username": "me", "full_name": "Me", "is_private": False}
MEDIUM = {
    "pk": "900",
    "id": "900_42",
    "code": "AbC",
    "media_type": 2,
    "product_type": "clips",
    "taken_at": 1_700_000_000,
    "user": USER,
    "like_count": 5,
    "comment_count": 2,
    "play_count": 90,
    "view_count": 40,
    "timeline_pinned_user_ids": [42],
    "coauthor_producers": [USER],
    "caption": {"text": "#one"},
}
STORY = {**MEDIUM, "product_type": "story", "expiring_at": 1_700_086_400}
LIST = {"next_max_id": "n", "has_more": True, "user_count": 1}
RIGHT: dict[str, dict[str, Any]] = {
    "people_page": {"users": [USER], **LIST},
    "profile": {"user": {**USER, "follower_count": 3, "following_count": 4, "media_count": 5}},
    "media_page": {"items": [MEDIUM], "more_available": True, **LIST},
    "clips_page": {"items": [{"media": MEDIUM}], "paging_info": {"max_id": "n", "more_available": True}},
    "media_info": {"items": [MEDIUM]},
    "stories": {"reels_media": [{"id": "42", "user": USER, "items": [STORY]}], "reels": {}},
    "story_viewers": {"users": [{**USER, "has_liked": True}], "total_viewer_count": 1, **LIST},
    "likers": {"users": [USER], "user_count": 1},
}
brief = settings(max_examples=25, deadline=None)
each = pytest.mark.parametrize("name", PARSERS)


def spoiled(value: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """The value with any of its parts left out or replaced by anything."""
    if draw(st.integers(0, 11)) == 0:
        return draw(ANY_JSON)
    if isinstance(value, dict):
        return {key: spoiled(part, draw) for key, part in value.items() if draw(st.integers(0, 11))}
    return [spoiled(part, draw) for part in value] if isinstance(value, list) else value


def grown(value: Any, more: Any) -> Any:
    """The value with an unknown field in each of its objects, and their fields in the reverse order."""
    if isinstance(value, dict):
        turned = {key: grown(part, more) for key, part in reversed(value.items())}
        return {"brand_new": more, **turned, "another": [more]} if "username" not in value else {**turned, "new": more}
    return [grown(part, more) for part in value] if isinstance(value, list) else value


def retyped(value: Any) -> Any:
    """The value with its ids as numbers where they were text, and as text where they were numbers."""
    if isinstance(value, dict):
        return {key: _other(part) if key in ("pk", "pk_id", "id") else retyped(part) for key, part in value.items()}
    return [retyped(part) for part in value] if isinstance(value, list) else value


def _other(value: Any) -> Any:
    if isinstance(value, str):
        return int(value) if value.isdecimal() else value
    return str(value)


@each
@brief
@given(st.data())
def test_whatever_is_wrong_with_an_answer_it_is_read_or_refused_with_a_typed_error(name: str, data: Any) -> None:
    with suppress(errors.JobError):
        PARSERS[name](spoiled(RIGHT[name], data.draw))


@each
@brief
@given(ANY_JSON)
def test_no_body_at_all_is_refused_with_a_typed_error(name: str, body: Any) -> None:
    with suppress(errors.JobError):
        PARSERS[name](body)


@each
@brief
@given(ANY_JSON)
def test_unknown_fields_and_another_order_change_nothing(name: str, more: Any) -> None:
    assert PARSERS[name](grown(RIGHT[name], more)) == PARSERS[name](RIGHT[name])


@each
def test_ids_as_numbers_and_as_text_are_the_same(name: str) -> None:
    assert PARSERS[name](retyped(RIGHT[name])) == PARSERS[name](RIGHT[name])


@pytest.mark.parametrize("key", ["taken_at", "like_count", "coauthor_producers", "timeline_pinned_user_ids"])
def test_a_prefixed_key_is_read_as_the_key(key: str) -> None:
    prefixed = {f"1l{name}" if name == key else name: value for name, value in MEDIUM.items()}
    assert profile_and_lists.media_page({"items": [prefixed]}) == profile_and_lists.media_page({"items": [MEDIUM]})


def test_pins_count_without_being_told_whose_tab_it_is() -> None:
    pinned = profile_and_lists.media_page(RIGHT["media_page"])
    assert [one.is_pinned for one in pinned.media] == [True]
    strangers = {**MEDIUM, "timeline_pinned_user_ids": [7]}
    assert [one.is_pinned for one in profile_and_lists.media_page({"items": [strangers]}).media] == [False]


def test_every_refusal_on_record_is_classified(instagram_fixtures: Path) -> None:
    rows = json.loads((instagram_fixtures / "error_bodies.json").read_text(encoding="utf-8"))
    for row in rows:
        headers = {"Location": row["location"]} if "location" in row else {}
        body = row.get("body", row.get("body_text", ""))
        for form in (body, json.dumps(body) if isinstance(body, dict) else body):
            assert outcome(row["status"], headers, form) is MEANS[row["kind"]], row


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("checkpoint_required.json", errors.CheckpointRequired),
        ("checkpoint_done.json", None),
        ("login_ok.json", None),
        ("login_bad_password.json", None),
    ],
)
def test_the_recorded_answers_of_a_login_are_classified(
    name: str, means: type[errors.JobError] | None, instagram_fixtures: Path
) -> None:
    text = (instagram_fixtures / name).read_text(encoding="utf-8")
    assert outcome(400 if means else 200, {}, text) is means


@brief
@given(st.integers(100, 599), st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=3), ANY_JSON)
def test_any_answer_is_classified_without_a_crash(status: int, headers: dict[str, str], body: Any) -> None:
    with suppress(errors.JobError):
        profile_and_lists.classify(status, headers, body)


def test_every_recorded_answer_is_read_by_a_test(instagram_fixtures: Path) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (REPO / "tests").rglob("test_*.py"))
    recorded = sorted(path.name for path in instagram_fixtures.glob("*.json"))
    assert [name for name in recorded if f'{name}"' not in sources and f"{name}'" not in sources] == []


def outcome(status: int, headers: dict[str, str], body: Any) -> type[errors.JobError] | None:
    try:
        profile_and_lists.classify(status, headers, body)
    except errors.JobError as refused:
        return type(refused)
    return None
