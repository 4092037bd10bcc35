"""Refusals: every known body becomes the error that says what happens next, and no harmless body becomes one."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from tests.unit.platforms.test_instagram_parse import ANY_JSON
from worker.platforms.instagram_web.parsing.profile_and_lists import profile
from worker.platforms.instagram_web.site.responses import (
    Answer,
    SessionDoubtful,
    error_for_redirect,
    page_refusal,
    parse_or_raise,
)

MEANS: dict[str, type[errors.JobError] | None] = {
    "session_dead_or_gated": SessionDoubtful,
    "rate_limited": errors.RateLimited,
    "session_dead": errors.SessionDead,
    "user_agent_mismatch": errors.UserAgentMismatch,
    "challenge": errors.CheckpointRequired,
    "checkpoint": errors.CheckpointRequired,
    "feedback_required": errors.FeedbackRequired,
    "ip_block": errors.RateLimited,
    "html_shell": SessionDoubtful,
    "not_found": errors.UnknownUser,
    "query_retired": errors.UnexpectedAnswer,
    "ok": None,
}


def answer_of(row: dict[str, Any]) -> Answer:
    text = json.dumps(row["body"]) if "body" in row else row.get("body_text", "")
    return Answer(row["status"], text, {"location": row["location"]} if "location" in row else {})


def outcome(answer: Answer) -> type[errors.JobError] | None:
    try:
        body = parse_or_raise(answer)
        if (body.get("data") or {"user": 1}) == {"user": None}:
            profile(body)
    except errors.JobError as refused:
        return type(refused)
    return None


def test_every_recorded_refusal_is_read_as_what_it_is(instagram_fixtures: Path) -> None:
    rows = json.loads((instagram_fixtures / "error_bodies.json").read_text(encoding="utf-8"))
    assert {row["kind"] for row in rows} == set(MEANS)
    read = [(row["status"], row["kind"], outcome(answer_of(row))) for row in rows]
    assert read == [(row["status"], row["kind"], MEANS[row["kind"]]) for row in rows]


@pytest.mark.parametrize(
    ("landed", "means"),
    [
        ("https://www.instagram.com/accounts/login/?next=/x/", errors.SessionDead),
        ("https://www.instagram.com/consent/?flow=terms", errors.ConsentRequired),
        ("https://www.instagram.com/privacy/consent/", errors.ConsentRequired),
        ("https://www.instagram.com/", errors.SessionDead),
        ("https://www.instagram.com/challenge/1/aa/", errors.CheckpointRequired),
        ("https://www.instagram.com/auth_platform/?apc=SECRET", errors.CheckpointRequired),
        ("https://www.instagram.com/accounts/suspended/", errors.Suspended),
        ("https://www.instagram.com/brand/new/", errors.UnexpectedAnswer),
    ],
)
def test_where_a_redirect_lands_says_what_is_wrong_and_is_never_told(landed: str, means: type[errors.JobError]) -> None:
    with pytest.raises(errors.JobError) as refused:
        parse_or_raise(Answer(200, "<!DOCTYPE html>", landed=landed))
    assert type(refused.value) is means
    assert "SECRET" not in refused.value.message
    assert "SECRET" not in repr(Answer(200, "", landed=landed))


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (200, {"status": "fail", "message": "feedback_required", "spam": True}, errors.FeedbackRequired),
        (200, {"status": "fail", "message": "challenge_required"}, errors.CheckpointRequired),
        (
            400,
            {"message": "challenge_required", "challenge": {"url": "https://x/accounts/suspended/"}},
            errors.Suspended,
        ),
        (403, {"message": "login_required", "logout_reason": 8, "status": "fail"}, errors.SessionDead),
        (400, {"message": "Not authorized to view user", "status": "fail"}, errors.ListNotVisible),
        (403, {"message": "Sorry, there was a problem with your request.", "status": "fail"}, errors.UnexpectedAnswer),
        (500, {"status": "fail"}, errors.SiteFailed),
        (400, {"message": "checkpoint_required", "checkpoint_url": "http://["}, errors.CheckpointRequired),
        (200, {"status": "fail"}, errors.UnexpectedAnswer),
        (
            400,
            {"message": "Asset asset://laser.provider/x has been deleted", "status": "fail"},
            errors.UnexpectedAnswer,
        ),
    ],
)
def test_other_refusals_seen_in_the_wild(status: int, body: dict[str, Any], means: type[errors.JobError]) -> None:
    assert outcome(Answer(status, json.dumps(body))) is means


@pytest.mark.parametrize("status", [502, 503])
def test_a_fault_page_of_the_site_is_the_sites_fault(status: int) -> None:
    assert outcome(Answer(status, "<html>Oops</html>")) is errors.SiteFailed


def test_a_loop_guard_before_the_json_is_taken_away() -> None:
    assert parse_or_raise(Answer(200, 'for (;;);{"users":[]}')) == {"users": []}


def test_how_long_to_wait_is_taken_from_the_answer() -> None:
    with pytest.raises(errors.RateLimited) as told:
        parse_or_raise(Answer(429, "", {"retry-after": "Sun, 01 Mar 2026 10:00:00 GMT"}))
    assert told.value.until == datetime(2026, 3, 1, 10, tzinfo=UTC)
    with pytest.raises(errors.RateLimited) as untold:
        parse_or_raise(Answer(429, ""))
    assert untold.value.until is None


def test_the_platforms_clock_is_the_date_header_and_nothing_else() -> None:
    stamp = Answer(200, "{}", {"date": "Sun, 01 Mar 2026 10:00:00 GMT"}).time()
    assert stamp == datetime(2026, 3, 1, 10, tzinfo=UTC)
    with pytest.raises(errors.UnexpectedAnswer, match="Date"):
        Answer(200, "{}").time()


@given(st.integers(100, 599), st.text(max_size=40) | ANY_JSON.map(json.dumps))
def test_every_answer_is_an_object_or_a_typed_error(status: int, text: str) -> None:
    with suppress(errors.JobError):
        assert isinstance(parse_or_raise(Answer(status, text)), dict)


@given(st.text(), ANY_JSON)
def test_words_inside_people_and_biographies_never_count(words: str, more: object) -> None:
    user = {"username": "fail", "biography": f"spam please wait a few minutes {words}", "spam": True, "more": more}
    body = {"data": {"user": user, "require_login": True}, "status": "ok"}
    assert parse_or_raise(Answer(200, json.dumps(body)))["status"] == "ok"


@pytest.mark.parametrize(
    ("url", "shown", "means"),
    [
        ("/challenge/?next=/", "We suspect automated behavior on your account Dismiss", errors.SuspectedAutomation),
        ("/challenge/1/x/", "<h1>Sospechamos un comportamiento automatizado</h1>", errors.SuspectedAutomation),
        ("/challenge/1/x/", "Help us confirm it's you", errors.CheckpointRequired),
        ("/accounts/suspended/", "We suspect automated behavior", errors.Suspended),
        ("/accounts/login/", "We suspect automated behavior", errors.SessionDead),
    ],
)
def test_what_the_page_shows_tells_the_warning_from_a_checkpoint(
    url: str, shown: str, means: type[errors.JobError]
) -> None:
    assert type(error_for_redirect(url, shown)) is means


@pytest.mark.parametrize(
    ("body", "means"),
    [
        ({"challenge": {"url": "https://www.instagram.com/challenge/scraping_warning/"}}, errors.SuspectedAutomation),
        ({"message": "challenge_required", "challenge": {"step_name": "scraping_warning"}}, errors.SuspectedAutomation),
        ({"message": "consent_required"}, errors.ConsentRequired),
        ({"message": "challenge_required", "user": {"biography": "scraping_warning"}}, errors.CheckpointRequired),
    ],
)
def test_the_warning_and_a_consent_are_read_from_top_level_fields_only(
    body: dict[str, Any], means: type[errors.JobError]
) -> None:
    assert outcome(Answer(400, json.dumps(body | {"status": "fail"}))) is means


@pytest.mark.parametrize(
    ("body", "means"),
    [
        ({"message": "checkpoint_required"}, errors.CheckpointRequired),
        ({"message": "challenge_required"}, errors.CheckpointRequired),
        ({"message": "login_required"}, errors.SessionDead),
        ({"message": "feedback_required"}, errors.FeedbackRequired),
        ({"message": "consent_required"}, errors.ConsentRequired),
        ({"message": "useragent mismatch"}, errors.UserAgentMismatch),
        ({"message": "rate_limit_error"}, errors.RateLimited),
        ({"message": "Please wait a few minutes before you try again."}, errors.RateLimited),
        ({"message": "Not authorized to view user"}, errors.ListNotVisible),
        ({"require_login": True}, SessionDoubtful),
        ({"message": "checkpoint_required", "status": "ok", "users": []}, errors.CheckpointRequired),
    ],
)
def test_a_refusal_at_status_200_is_known_by_its_message_alone(
    body: dict[str, Any], means: type[errors.JobError]
) -> None:
    assert outcome(Answer(200, json.dumps(body))) is means


@pytest.mark.parametrize(
    "body",
    [
        {"message": "hello", "users": [{"pk": 1, "username": "a"}]},
        {"users": [{"username": "login_required", "message": "checkpoint_required"}]},
        {"data": {"message": "checkpoint_required"}},
        {"message": None, "status": "ok"},
    ],
)
def test_the_same_words_elsewhere_refuse_nothing(body: dict[str, Any]) -> None:
    assert outcome(Answer(200, json.dumps(body))) is None


@pytest.mark.parametrize(
    ("status", "shown", "means"),
    [
        (429, True, errors.RateLimited),
        (429, False, errors.RateLimited),
        (500, False, errors.SiteFailed),
        (503, True, errors.SiteFailed),
        (404, False, errors.UnknownUser),
        (401, False, SessionDoubtful),
        (403, False, SessionDoubtful),
        (400, False, errors.UnexpectedAnswer),
        (404, True, None),
        (403, True, None),
        (200, True, None),
    ],
)
def test_a_page_is_refused_by_its_status(status: int, shown: bool, means: type[errors.JobError] | None) -> None:
    refused = page_refusal(Answer(status, "<p>page</p>" if shown else ""))
    assert (None if refused is None else type(refused)) is means
