"""A refusal is known by what it says at its top level, however that is written, and by nothing that people wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from tests.unit.platforms.test_instagram_parse import ANY_JSON
from worker.platforms.instagram_web.login.responses import outcome
from worker.platforms.instagram_web.parsing.profile_and_lists import people_page
from worker.platforms.instagram_web.reading.graphql import line_that_counts
from worker.platforms.instagram_web.site.refusal_reasons import refusal_text
from worker.platforms.instagram_web.site.responses import Answer, SessionDoubtful, parse_or_raise

CODES: dict[str, type[errors.JobError]] = {
    "login_required": errors.SessionDead,
    "user_has_logged_out": errors.SessionDead,
    "checkpoint_required": errors.CheckpointRequired,
    "challenge_required": errors.CheckpointRequired,
    "checkpoint_challenge_required": errors.CheckpointRequired,
    "checkpoint_logged_out": errors.CheckpointRequired,
    "consent_required": errors.ConsentRequired,
    "feedback_required": errors.FeedbackRequired,
    "scraping_warning": errors.SuspectedAutomation,
    "account_suspended": errors.Suspended,
    "useragent mismatch": errors.UserAgentMismatch,
    "rate_limit_error": errors.RateLimited,
    "sentry_block": errors.RateLimited,
    "ip_block": errors.RateLimited,
    "too_many_requests": errors.RateLimited,
}
WORDS = sorted(CODES)


def refused(body: object, status: int = 200) -> errors.JobError | None:
    try:
        parse_or_raise(Answer(status, json.dumps(body)))
    except errors.JobError as error:
        return error
    return None


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A code, and a way to write it: other case, other separators, blanks and punctuation around it."""
    code = draw(st.sampled_from(WORDS))
    parts = code.replace("_", " ").split()
    joined = draw(st.sampled_from(["_", " ", "-", "  ", "\u00a0", "_\u200b"])).join(parts)
    cased = draw(st.sampled_from([joined, joined.upper(), joined.title(), joined.capitalize()]))
    before = draw(st.text(st.sampled_from(' \t\n\u200b\ufeff"'), max_size=3))
    after = draw(st.sampled_from(["", " ", ".", "!", " .", "\n", "\u2026", ": try again", " (403)"]))
    return code, f"{before}{cased}{after}"


@given(written(), st.sampled_from([200, 202, 400, 401, 403]), st.sampled_from(["plain", "graphql", "rows", "type"]))
def test_a_reason_is_known_however_it_is_written(given_as: tuple[str, str], status: int, form: str) -> None:
    code, text = given_as
    bodies: dict[str, dict[str, Any]] = {
        "plain": {"message": text},
        "graphql": {"errors": [{"message": text, "severity": "CRITICAL"}], "data": None, "extensions": {"is_final": 1}},
        "rows": {"message": text, "users": [{"pk": 1, "username": "a"}], "status": "ok"},
        "type": {"message": "", "error_type": text, "status": "ok"},
    }
    assert type(refused(bodies[form], status)) is CODES[code]


@pytest.mark.parametrize(
    ("body", "means"),
    [
        ({"message": "Login required"}, errors.SessionDead),
        ({"message": "login_required "}, errors.SessionDead),
        ({"message": "CHECKPOINT_REQUIRED"}, errors.CheckpointRequired),
        ({"message": "CHALLENGE_REQUIRED", "challenge": {"url": "/accounts/suspended/"}}, errors.Suspended),
        ({"message": "  please WAIT a few minutes before you try again…"}, errors.RateLimited),
        ({"message": "Espera unos minutos antes de volver a intentarlo."}, errors.RateLimited),
        ({"message": "Bitte warte einige Minuten und versuche es noch einmal."}, errors.RateLimited),
        ({"message": "Please wait a few minutes", "require_login": True}, SessionDoubtful),
        ({"message": "Not Authorized to view user."}, errors.ListNotVisible),
        ({"message": {"errors": ["login_required"]}}, errors.SessionDead),
        ({"message": ["checkpoint_required"]}, errors.CheckpointRequired),
        ({"errors": ["feedback_required"]}, errors.FeedbackRequired),
        ({"errors": {"error": ["Please wait a few minutes before you try again."]}}, errors.RateLimited),
        ({"errors": [{"message": "Rate limit exceeded"}], "data": {"user": None}}, errors.RateLimited),
        ({"errors": [{"message": "execution error"}, {"message": "login_required"}], "data": None}, errors.SessionDead),
        ({"error": 1357001, "errorSummary": "Not Logged In", "payload": None}, errors.SessionDead),
        ({"status": "FAIL"}, errors.UnexpectedAnswer),
        ({"status": "fail ", "users": []}, errors.UnexpectedAnswer),
    ],
)
def test_other_ways_of_saying_it(body: dict[str, Any], means: type[errors.JobError]) -> None:
    assert type(refused(body)) is means
    assert type(refused(body, 400)) is means


@pytest.mark.parametrize(
    "body",
    [
        {"message": "brand_new_block"},
        {"message": "brand_new_block", "status": "ok", "users": []},
        {"message": "brand_new_block", "users": [], "next_max_id": None, "has_more": False, "status": "ok"},
        {"message": "brand_new_block", "reels": {}, "reels_media": []},
        {"message": "brand_new_block", "items": None, "data": {"user": None}},
        {"errors": [{"message": "brand_new_block", "path": ["user"]}], "data": None},
        {"errors": [{"message": "brand_new_block"}], "data": {"user": {"edge_followed_by": None}}},
        {
            "errors": [{"message": "brand_new_block"}],
            "data": {"connection": {"edges": [], "page_info": {"has_next_page": False, "end_cursor": None}}},
        },
        {"errors": {"error": ["brand_new_block"]}, "status": "ok"},
        {"message": "brand_new_block", "status": "fail"},
    ],
)
def test_a_reason_that_is_new_is_named_and_no_list(body: dict[str, Any]) -> None:
    error = refused(body)
    assert type(error) is errors.UnexpectedAnswer
    assert error.sentence.endswith("(HTTP 200) with the message “brand_new_block”.")


@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_name_is_cleaned_and_bounded_and_holds_no_address(status: int) -> None:
    text = "new\x00 \u202eblock\n\ud800 https://www.instagram.com/challenge/?apc=SECRET /x/?t=SECRET " + "x" * 10_000
    error = refused({"message": text}, status)
    assert type(error) is errors.UnexpectedAnswer
    assert "“new block ? … … x" in error.sentence
    assert "SECRET" not in error.message
    assert len(error.sentence) < 200
    error.message.encode()


@given(ANY_JSON, st.sampled_from(["message", "errors", "errorSummary", "error_title", "error_type", "error"]))
def test_whatever_stands_there_is_read_or_passed_over(value: object, field: str) -> None:
    name = refusal_text({field: value})
    assert name is None or (len(name) <= 80 and "\n" not in name)


@given(
    st.sampled_from([*WORDS, "Please wait a few minutes before you try again.", "brand_new_block"]),
    st.recursive(
        st.fixed_dictionaries({"pk": st.just(1), "username": st.just("a")}),
        lambda inner: st.dictionaries(st.sampled_from(["message", "user", "errors", "biography"]), inner, min_size=1),
    ),
)
def test_the_same_words_in_what_people_wrote_refuse_nothing(words: str, around: dict[str, object]) -> None:
    user = {"pk": 1, "username": "login_required", "full_name": words, "biography": words, "message": words}
    for body in (
        {"users": [user | {"around": around}], "status": "ok"},
        {"data": {"user": user, "message": words, "errors": [{"message": words}]}, "status": "ok"},
        {"items": [{"id": "1", "caption": {"text": words}, "error_type": words, "around": around}]},
        {"users": [user], "message": "", "errors": [], "status": "ok"},
        {"users": [user], "message": None, "errors": None},
    ):
        assert refused(body) is None


@pytest.mark.parametrize("message", ["hello", "ok", ""])
def test_an_answer_with_rows_and_an_unknown_message_is_read(message: str) -> None:
    page = people_page(
        parse_or_raise(Answer(200, json.dumps({"message": message, "users": [{"pk": 1, "username": "a"}]})))
    )
    assert [person.username for person in page.people] == ["a"]
    assert page.limited == (message == "hello"), "a list does not end where something failed"


def test_an_empty_list_without_a_message_stays_one() -> None:
    for body in ({"users": [], "message": "ok"}, {"users": [], "message": " "}, {"users": [], "status": "ok"}):
        assert people_page(parse_or_raise(Answer(200, json.dumps(body)))).people == ()


@pytest.mark.parametrize("prefix", ["for (;;);", "for(;;);", "for;", "\ufeff", "\n "])
def test_a_guard_before_the_json_hides_no_refusal(prefix: str) -> None:
    with pytest.raises(errors.SessionDead):
        parse_or_raise(Answer(200, prefix + '{"message": "Login required"}'))


def test_of_several_lines_the_one_that_refuses_counts() -> None:
    data, refusal = '{"data": {"connection": {"edges": []}}}', '{"errors": [{"message": "Rate limit exceeded"}]}'
    assert line_that_counts(f"{data}\n{refusal}") == refusal
    assert line_that_counts(f'{{"label": "x"}}\n{data}') == data
    new = '{"errors": [{"message": "brand_new_block"}], "data": null}'
    with pytest.raises(errors.UnexpectedAnswer, match="brand_new_block"):
        parse_or_raise(Answer(200, line_that_counts(f"{new}\n{new}")))
    assert line_that_counts("<!DOCTYPE html>\n<p>") == "<!DOCTYPE html>\n<p>"


@pytest.mark.parametrize(
    ("message", "means"),
    [
        ("Login required", errors.SessionDead),
        ("CHECKPOINT_REQUIRED", errors.CheckpointRequired),
        ("ip_block", errors.LoginThrottled),
        ("Sentry block.", errors.LoginThrottled),
    ],
)
def test_a_login_is_refused_in_each_way_of_writing(message: str, means: type[errors.JobError]) -> None:
    with pytest.raises(means):
        outcome(Answer(200, json.dumps({"message": message})))


def test_a_login_that_is_refused_for_a_new_reason_names_it() -> None:
    with pytest.raises(errors.LoginRejected, match=r"“This request is no longer valid\.”"):
        outcome(Answer(400, json.dumps({"message": "This request is no longer valid.", "status": "fail"})))
    with pytest.raises(errors.LoginRejected, match="without giving a reason"):
        outcome(Answer(400, "{}"))
