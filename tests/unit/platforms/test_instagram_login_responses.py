"""The login's own calls: every known outcome, judged by the body and not by the status."""

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import errors
from shared.domain.jobs import CodeMethod
from tests.unit.platforms.test_instagram_parse import ANY_JSON
from worker.platforms.instagram_web.login.responses import Outcome, TwoFactor, Verdict, outcome
from worker.platforms.instagram_web.site.responses import Answer
from worker.platforms.login import CodeReply

LEGACY = TwoFactor((CodeMethod.SMS, CodeMethod.BACKUP), "+** *** ***12 34")
MEANS: dict[str, Outcome | type[errors.JobError]] = {
    "ok": Verdict.IN,
    "bad_password": errors.WrongPassword,
    "unknown_user": errors.UnknownUser,
    "generic_error": errors.LoginRejected,
    "two_factor_legacy": LEGACY,
    "two_factor_encrypted": TwoFactor((CodeMethod.TOTP, CodeMethod.BACKUP)),
    "two_factor_encrypted_validate_ok": Verdict.IN,
    "two_factor_code_rejected_sms": Verdict.CODE_REFUSED,
    "two_factor_code_rejected_typo_key": Verdict.CODE_REFUSED,
    "checkpoint": errors.CheckpointRequired,
    "checkpoint_auth_platform": errors.CheckpointRequired,
}


def judged(status: int, body: object) -> Outcome | type[errors.JobError] | None:
    try:
        return outcome(Answer(status, body if isinstance(body, str) else json.dumps(body)))
    except errors.JobError as refused:
        return type(refused)


def test_every_recorded_outcome_is_read_as_what_it_is(instagram_fixtures: Path) -> None:
    rows = json.loads((instagram_fixtures / "login_responses.json").read_text(encoding="utf-8"))
    assert {row["case"]: judged(row["status"], row["body"]) for row in rows} == MEANS


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("login_ok", Verdict.IN),
        ("login_bad_password", errors.WrongPassword),
        ("checkpoint_required", errors.CheckpointRequired),
        ("checkpoint_done", None),
    ],
)
def test_the_recorded_answers_of_the_login_call(instagram_fixtures: Path, name: str, means: object) -> None:
    body = json.loads((instagram_fixtures / f"{name}.json").read_text(encoding="utf-8"))
    assert judged(200, body) == means


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (400, {"message": "Please wait a few minutes before you try again.", "status": "fail"}, errors.LoginThrottled),
        (401, {"message": "Please wait a few minutes…", "require_login": True}, errors.LoginThrottled),
        (429, "", errors.LoginThrottled),
        (500, "<!DOCTYPE html>", errors.SiteFailed),
        (200, "<!DOCTYPE html>", None),
        (400, {"message": "feedback_required", "spam": True, "status": "fail"}, errors.FeedbackRequired),
        (400, {"message": "x", "error_type": "bad_password", "status": "fail"}, errors.WrongPassword),
        (400, {"message": "x", "error_type": "invalid_user", "status": "fail"}, errors.UnknownUser),
        (400, {"message": "checkpoint_required", "checkpoint_url": "/consent/?x=1"}, errors.ConsentRequired),
        (400, {"message": "challenge_required", "step_name": "scraping_warning"}, errors.SuspectedAutomation),
        (
            400,
            {"message": "checkpoint_required", "checkpoint_url": "/accounts/suspended/", "status": "fail"},
            errors.Suspended,
        ),
        (400, {"message": "This request is no longer valid.", "status": "fail"}, errors.LoginRejected),
        (200, {"data": {"xfb_two_factor_login_validate_code": {"is_code_valid": False}}}, Verdict.CODE_REFUSED),
        (200, {"data": {"something": "else"}}, None),
        (200, {"status": "ok"}, None),
    ],
)
def test_other_outcomes_seen_in_the_wild(status: int, body: object, means: object) -> None:
    assert judged(status, body) == means


def test_a_number_of_which_only_the_ending_is_told_is_shown_as_that() -> None:
    info = {"sms_two_factor_on": True, "obfuscated_phone_number": "1234"}
    wanted = judged(400, {"two_factor_required": True, "two_factor_info": info})
    assert isinstance(wanted, TwoFactor)
    assert wanted.sent_to is not None
    assert wanted.sent_to.endswith("1234")


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ({"max_sms_count": 2, "resend_sms_delay_sec": 60}, timedelta(minutes=1)),
        ({"resend_sms_delay_sec": 0}, timedelta(0)),
        ({"resend_sms_delay_sec": 10**12}, timedelta(days=1)),
        ({"resend_sms_delay_sec": -5}, None),
        ({"resend_sms_delay_sec": "soon"}, None),
        (None, None),
    ],
)
def test_how_long_another_message_must_wait_is_read_and_bounded(told: object, wait: timedelta | None) -> None:
    info = {"sms_two_factor_on": True, "whatsapp_two_factor_on": True, "phone_verification_settings": told}
    wanted = judged(400, {"two_factor_required": True, "two_factor_info": info})
    assert wanted == TwoFactor((CodeMethod.SMS, CodeMethod.WHATSAPP, CodeMethod.BACKUP), None, wait)


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ({"code": "123456"}, CodeReply(code="123456")),
        ({"method": "whatsapp"}, CodeReply(method=CodeMethod.WHATSAPP)),
        ({"resend": True}, CodeReply(resend=True)),
        ({"done": True}, CodeReply(done=True)),
    ],
)
def test_what_the_person_answered_is_read_in_each_of_its_forms(answer: object, reply: CodeReply) -> None:
    assert CodeReply.from_json(answer) == reply


@pytest.mark.parametrize("answer", [{}, {"method": "pigeon"}, {"resend": "no"}, [], "123456", 5, None])
def test_an_answer_of_another_form_is_refused(answer: object) -> None:
    with pytest.raises((ValueError, KeyError)):
        CodeReply.from_json(answer)


@settings(deadline=None)
@given(st.integers(100, 599), st.text(max_size=30) | ANY_JSON.map(json.dumps))
def test_every_answer_is_an_outcome_nothing_or_a_typed_error(status: int, text: str) -> None:
    with suppress(errors.JobError):
        assert isinstance(outcome(Answer(status, text)), Verdict | TwoFactor | None)


FIELDS = [
    "authenticated",
    "user",
    "status",
    "message",
    "error_type",
    "errors",
    "two_factor_required",
    "data",
    "challenge",
]


@settings(deadline=None)
@given(st.integers(200, 599), st.dictionaries(st.sampled_from(FIELDS), ANY_JSON))
def test_only_an_authenticated_answer_is_in(status: int, body: dict[str, Any]) -> None:
    assert (judged(status, body) is Verdict.IN) == (body.get("authenticated") is True)


@pytest.mark.parametrize(
    ("message", "means"),
    [
        ("checkpoint_required", errors.CheckpointRequired),
        ("feedback_required", errors.FeedbackRequired),
        ("Please wait a few minutes before you try again.", errors.LoginThrottled),
        ("consent_required", errors.ConsentRequired),
    ],
)
def test_a_login_that_is_refused_at_status_200_by_its_message_alone_is_refused(
    message: str, means: type[errors.JobError]
) -> None:
    assert judged(200, {"message": message}) is means
