"""A job's page: it says how things stand, asks for codes, and belongs to one person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb

from shared.vault import KeyRing, Purpose
from tests.conftest import Personas
from tests.web.conftest import SignedInAs
from tests.web.pages import post

Owner = psycopg.Connection[dict[str, Any]]
MakeJob = Callable[..., UUID]
ASKED = {"method": "sms", "sent_to": "+•• ••• ••12", "others": ["totp", "backup"], "error": None}


@pytest.fixture
def alice(signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice, state="CONNECTED")


@pytest.fixture
def login(people: Personas, profile: UUID, make_job: MakeJob) -> UUID:
    """A login that waits for a code."""
    return make_job(
        people.alice,
        profile,
        "LOGIN",
        state="NEEDS_INPUT",
        input_request=Jsonb(ASKED),
        lease_until=datetime(2999, 1, 1, tzinfo=UTC),
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _state(owner: Owner, job: UUID) -> dict[str, Any]:
    (row,) = owner.execute("select * from public.sync_jobs where id = %s", [job]).fetchall()
    return row


def test_a_running_job_says_what_it_does_and_how_far_it_is(
    alice: FlaskClient, people: Personas, profile: UUID, make_job: MakeJob
) -> None:
    job = make_job(
        people.alice,
        profile,
        "SYNC",
        state="RUNNING",
        lease_until=datetime(2999, 1, 1, tzinfo=UTC),
        progress=Jsonb({"step": "followers", "done": 1250, "total": 5000}),
    )
    page = alice.get(f"/jobs/{job}").text
    status = page.split('role="status"')[1].split("</div>")[0]
    assert "Syncing followers" in status
    assert "1,250 of 5,000 followers" in status
    assert 'value="25"' in page
    assert f'content="3;url=/jobs/{job}"' in page, "the page moves without scripts too"


def test_a_failed_job_says_why_and_what_to_do(
    alice: FlaskClient, people: Personas, profile: UUID, make_job: MakeJob
) -> None:
    job = make_job(
        people.alice,
        profile,
        "LOGIN",
        state="FAILED",
        ended_at=datetime.now(UTC),
        error_code="wrong_password",
    )
    page = alice.get(f"/jobs/{job}").text
    assert "the password is wrong. Check it on instagram.com" in page
    assert "/connect/instagram?username=alice.test" in page
    assert "http-equiv" not in page
    assert ">Cancel<" not in page


def test_a_code_is_asked_for_with_its_way_and_masked_number(alice: FlaskClient, login: UUID) -> None:
    page = alice.get(f"/jobs/{login}").text
    assert ">Security code</label>" in page
    assert ">Send code</button>" in page
    assert "by text message to +•• ••• ••12" in page
    assert "Use the authenticator app" in page
    assert "Use a backup code" in page
    assert "http-equiv" not in page, "a page that reloads would take away what is being typed"


def test_a_wrong_code_is_told(alice: FlaskClient, login: UUID, owner: Owner) -> None:
    asked = Jsonb({**ASKED, "error": "Instagram did not take this code."})
    owner.execute("update public.sync_jobs set input_request = %s where id = %s", [asked, login])
    assert "Instagram did not take this code." in alice.get(f"/jobs/{login}").text


def test_a_code_reaches_the_worker_sealed(
    alice: FlaskClient, people: Personas, login: UUID, owner: Owner, ring: KeyRing, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = post(alice, f"/jobs/{login}/code", code=" 713 905 ")
    assert answer.headers["Location"] == f"/jobs/{login}?sent=1"
    sealed = _state(owner, login)["sealed_input"]
    opened = ring.open(sealed, purpose=Purpose.CODE, user_id=people.alice, subject_id=login, now=datetime.now(UTC))
    assert json.loads(opened) == {"code": "713905"}
    page = alice.get(answer.headers["Location"]).text
    assert "Instagram is checking it" in page
    out, err = capfd.readouterr()
    for said in (page, out + err, answer.text, str(_state(owner, login))):
        assert "713905" not in said
        assert "713 905" not in said


def test_another_way_is_asked_for_sealed_and_only_if_offered(
    alice: FlaskClient, people: Personas, login: UUID, owner: Owner, ring: KeyRing
) -> None:
    post(alice, f"/jobs/{login}/method", method="email")
    assert _state(owner, login)["sealed_input"] is None
    assert "does not offer this way" in alice.get(f"/jobs/{login}").text
    post(alice, f"/jobs/{login}/method", method="backup")
    sealed = _state(owner, login)["sealed_input"]
    opened = ring.open(sealed, purpose=Purpose.CODE, user_id=people.alice, subject_id=login, now=datetime.now(UTC))
    assert json.loads(opened) == {"method": "backup"}


def _asks(owner: Owner, job: UUID, **asked: Any) -> None:
    owner.execute("update public.sync_jobs set input_request = %s where id = %s", [Jsonb({**ASKED, **asked}), job])


def _opened(ring: KeyRing, owner: Owner, user: UUID, job: UUID) -> object:
    sealed = _state(owner, job)["sealed_input"]
    return json.loads(ring.open(sealed, purpose=Purpose.CODE, user_id=user, subject_id=job, now=datetime.now(UTC)))


def test_another_code_can_be_asked_for_only_when_instagram_sends_one(
    alice: FlaskClient, people: Personas, login: UUID, owner: Owner, ring: KeyRing
) -> None:
    assert "Send another code" not in alice.get(f"/jobs/{login}").text
    post(alice, f"/jobs/{login}/resend")
    assert "does not offer this way" in alice.get(f"/jobs/{login}").text
    _asks(owner, login, resend_at=(datetime.now(UTC) + timedelta(minutes=5)).isoformat())
    page = alice.get(f"/jobs/{login}").text
    assert " disabled>Send another code</button>" in page
    assert "possible in " in page
    post(alice, f"/jobs/{login}/resend")
    assert "sends another code in" in alice.get(f"/jobs/{login}").text
    assert _state(owner, login)["sealed_input"] is None
    _asks(owner, login, resend_at=datetime.now(UTC).isoformat())
    assert ">Send another code</button>" in alice.get(f"/jobs/{login}").text
    post(alice, f"/jobs/{login}/resend")
    assert _opened(ring, owner, people.alice, login) == {"resend": True}


def test_an_approval_is_asked_for_without_a_field_and_answered_by_a_button(
    alice: FlaskClient, people: Personas, login: UUID, owner: Owner, ring: KeyRing
) -> None:
    post(alice, f"/jobs/{login}/done")
    assert _state(owner, login)["sealed_input"] is None, "a code is asked for, not an approval"
    _asks(owner, login, method="approval", sent_to=None, others=["sms"])
    page = alice.get(f"/jobs/{login}").text
    status = page.split('role="status"')[1].split("</div>")[0]
    assert "Instagram asks you to confirm this login on your phone" in status
    assert "continues by itself" in page
    assert ">Security code</label>" not in page
    assert "Send it by text message" in page
    assert ">Cancel</button>" in page
    post(alice, f"/jobs/{login}/code", code="123456")
    assert _state(owner, login)["sealed_input"] is None
    post(alice, f"/jobs/{login}/done")
    assert _opened(ring, owner, people.alice, login) == {"done": True}


def test_nobody_answers_for_somebody_else(
    signed_in_as: SignedInAs, people: Personas, login: UUID, owner: Owner
) -> None:
    bob = signed_in_as(people.bob)
    for way in ("resend", "done"):
        assert post(bob, f"/jobs/{login}/{way}").status_code == 404
    assert _state(owner, login)["sealed_input"] is None


@pytest.mark.parametrize("code", ["", "abc", "123", "12345678901", "12 34 5x", "¹²³⁴⁵⁶"])
def test_what_is_no_code_is_not_sent(alice: FlaskClient, login: UUID, owner: Owner, code: str) -> None:
    answer = post(alice, f"/jobs/{login}/code", code=code)
    assert answer.status_code == 400
    assert "A security code has 6 digits" in answer.text
    assert _state(owner, login)["sealed_input"] is None


def test_a_second_answer_waits_for_the_first(alice: FlaskClient, login: UUID) -> None:
    post(alice, f"/jobs/{login}/code", code="111111")
    post(alice, f"/jobs/{login}/code", code="222222")
    assert "still being checked" in alice.get(f"/jobs/{login}").text


@pytest.mark.parametrize(
    "code",
    [
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "\u0967\u0968\u0969\u096a\u096b\u096c",
        "\u200e123456",
        "\u202a123 456\u202c",
        "\ufeff123\u2011456\u00a0",
        "123\u2013456",
    ],
)
def test_digits_of_any_script_and_copied_marks_make_the_same_code(
    alice: FlaskClient, people: Personas, login: UUID, owner: Owner, ring: KeyRing, code: str
) -> None:
    assert post(alice, f"/jobs/{login}/code", code=code).status_code == 302
    sealed = _state(owner, login)["sealed_input"]
    opened = ring.open(sealed, purpose=Purpose.CODE, user_id=people.alice, subject_id=login, now=datetime.now(UTC))
    assert json.loads(opened) == {"code": "123456"}


def test_a_code_that_nobody_asks_for_is_refused(
    alice: FlaskClient, people: Personas, profile: UUID, make_job: MakeJob
) -> None:
    job = make_job(people.alice, profile, "LOGIN")
    assert post(alice, f"/jobs/{job}/code", code="111111").status_code == 302
    assert "does not ask for this any more" in alice.get(f"/jobs/{job}").text


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_told(
    alice: FlaskClient, people: Personas, profile: UUID, make_job: MakeJob, login: UUID, owner: Owner
) -> None:
    waiting = make_job(people.alice, profile, "DERIVE")
    post(alice, f"/jobs/{waiting}/cancel")
    post(alice, f"/jobs/{login}/cancel")
    assert _state(owner, waiting)["state"] == "CANCELLED"
    assert _state(owner, login)["cancel_requested_at"] is not None
    assert "Stopping" in alice.get(f"/jobs/{login}").text
    post(alice, f"/jobs/{waiting}/cancel")
    assert "already ended" in alice.get(f"/jobs/{waiting}").text


def test_a_finished_login_leads_to_the_first_reading(
    alice: FlaskClient, people: Personas, profile: UUID, make_job: MakeJob
) -> None:
    done = make_job(people.alice, profile, "LOGIN", state="COMPLETED", ended_at=datetime.now(UTC))
    assert alice.get(f"/jobs/{done}/next").headers["Location"] == f"/jobs/{done}"
    sync = make_job(people.alice, profile, "SYNC")
    page = alice.get(f"/jobs/{done}").text
    assert f'href="/jobs/{sync}" data-follow' in page
    assert f'href="/profiles/{profile}"' in page
    assert alice.get(f"/jobs/{done}/next").headers["Location"] == f"/jobs/{sync}"


def test_a_job_belongs_to_one_person(
    signed_in_as: SignedInAs, client: FlaskClient, people: Personas, login: UUID, owner: Owner
) -> None:
    before = _state(owner, login)
    for stranger in (signed_in_as(people.bob), signed_in_as(people.charlie)):
        assert stranger.get(f"/jobs/{login}").status_code == 404
        assert stranger.get(f"/jobs/{login}/next").status_code == 404
        assert post(stranger, f"/jobs/{login}/code", code="111111").status_code == 404
        assert post(stranger, f"/jobs/{login}/method", method="totp").status_code == 404
        assert post(stranger, f"/jobs/{login}/cancel").status_code == 404
    assert client.get(f"/jobs/{login}").headers["Location"] == f"/login?next=/jobs/{login}"
    assert post(client, f"/jobs/{login}/cancel").headers["Location"] == "/login"
    assert _state(owner, login) == before


def test_jobs_that_are_not_there_or_of_a_profile_being_deleted_are_not_found(
    alice: FlaskClient, login: UUID, profile: UUID, owner: Owner
) -> None:
    assert alice.get(f"/jobs/{uuid4()}").status_code == 404
    assert alice.get("/jobs/1").status_code == 404
    owner.execute("update public.profiles set state = 'DELETING' where id = %s", [profile])
    assert alice.get(f"/jobs/{login}").status_code == 404
