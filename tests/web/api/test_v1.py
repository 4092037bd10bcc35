"""The JSON interface: shapes, statuses, errors, and whose rows are answered."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb

from shared.domain.growth import Missing
from tests.conftest import Personas
from tests.rig.history import NOW, History, days_ago
from tests.web.conftest import SignedInAs
from tests.web.pages import form_token


@pytest.fixture
def history(owner: psycopg.Connection[dict[str, Any]], people: Personas, make_profile: Callable[..., UUID]) -> History:
    made = History(owner, people.alice, make_profile(people.alice, observed_at=NOW, followers=12, fan_count=3))
    made.run(days_ago(30))
    made.run(days_ago(2), gained=4, lost=1)
    made.medium("m", days_ago(1), er_formula="er_views", er_numerator=5, er_denominator=40, kind="reel")
    return made


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


def start(browser: FlaskClient, profile: UUID, body: object) -> tuple[int, Any]:
    headers = {"X-CSRFToken": form_token(browser, "/")}
    answer = browser.post(f"/api/v1/profiles/{profile}/jobs", json=body, headers=headers)
    return answer.status_code, answer.json


def test_profiles_are_ones_own(
    history: History, alice: FlaskClient, people: Personas, signed_in_as: SignedInAs
) -> None:
    (one,) = alice.get("/api/v1/profiles").json["profiles"]  # type: ignore[index]
    assert (one["id"], one["username"], one["followers"]) == (str(history.profile), "alice.test", 12)
    assert one["classes"] == {"mutual": None, "fans": 3, "not_following_back": None}
    assert signed_in_as(people.charlie).get("/api/v1/profiles").json == {"profiles": []}


def test_a_profile_tells_its_figures_with_formulas_and_reasons(history: History, alice: FlaskClient) -> None:
    told: Any = alice.get(f"/api/v1/profiles/{history.profile}?period=7").json
    assert told["period"] == {
        "choice": "7",
        "days": 7,
        "start": "2026-11-14T00:00:00+00:00",
        "end": "2026-11-20T12:00:00+00:00",
        "compared_with": {"days": 7, "start": "2026-11-07T00:00:00+00:00", "end": "2026-11-13T23:59:59.999999+00:00"},
    }
    figures = told["figures"]
    assert figures["net"] == {
        "value": 3,
        "before": None,
        "missing": None,
        "before_missing": Missing.NO_LIST_BEFORE,
        "formula": "gained − lost",
    }
    assert (figures["gained"]["value"], figures["lost"]["value"], figures["followers"]["value"]) == (4, 1, 12)
    rate = figures["engagement"]
    assert (rate["formula_id"], rate["median"], rate["pooled_mean"], rate["n"]) == ("er_views", 12.5, 12.5, 1)
    assert rate["label"] == "public interactions"
    follower = told["lists"]["follower"]
    assert (follower["verdict"], follower["whole_at"]) == ("whole", "2026-11-18T12:00:00+00:00")


def test_what_is_not_known_is_null_with_its_reason(
    alice: FlaskClient, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    told: Any = alice.get(f"/api/v1/profiles/{make_profile(people.alice, 'fresh.one')}").json
    assert told["followers"] is None
    assert told["lists"] == {}
    assert (told["figures"]["gained"]["value"], told["figures"]["gained"]["missing"]) == (None, Missing.NO_LIST)
    assert (told["figures"]["engagement"]["median"], told["figures"]["engagement"]["n"]) == (None, 0)
    assert told["figures"]["engagement"]["missing"] == Missing.NO_POSTS


def test_a_job_is_started_once(history: History, alice: FlaskClient) -> None:
    status, made = start(alice, history.profile, {"kind": "SYNC_FOLLOWERS"})
    again, live = start(alice, history.profile, {"kind": "SYNC_FOLLOWERS"})
    assert (status, again) == (202, 200)
    assert made["id"] == live["id"]
    assert (made["kind"], made["state"], made["profile_id"]) == ("SYNC_FOLLOWERS", "PENDING", str(history.profile))
    assert alice.get(f"/api/v1/jobs/{made['id']}").json["id"] == made["id"]  # type: ignore[index]


@pytest.mark.parametrize(
    "body", [None, [], "SYNC", {}, {"kind": "LOGIN"}, {"kind": "EXPORT"}, {"kind": ["SYNC"]}, {"kind": None}]
)
def test_what_may_not_be_started_is_refused_in_json(body: object, history: History, alice: FlaskClient) -> None:
    status, told = start(alice, history.profile, body)
    assert status == 400
    assert told["code"] == "input"
    assert "SYNC_FOLLOWERS" in told["detail"]


def test_json_that_is_nested_too_deeply_is_refused_in_json(history: History, alice: FlaskClient) -> None:
    answer = alice.post(
        f"/api/v1/profiles/{history.profile}/jobs",
        data="[" * 100_000,
        content_type="application/json",
        headers={"X-CSRFToken": form_token(alice, "/")},
    )
    assert answer.status_code == 400


def test_without_a_session_on_the_platform_nothing_is_started(history: History, alice: FlaskClient) -> None:
    history.owner.execute("update profiles set state = 'NEEDS_LOGIN' where id = %s", (history.profile,))
    status, told = start(alice, history.profile, {"kind": "SYNC"})
    assert (status, told["code"]) == (409, "not_connected")
    assert start(alice, history.profile, {"kind": "DERIVE"})[0] == 202


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("CHALLENGED", "Answer Instagram's question, then connect again.", "Answer Instagram's question, then connect"),
        ("NEEDS_LOGIN", None, "Connect the account first"),
        ("COOLING_DOWN", "Why it rests.", "You can end it in its settings"),
    ],
)
def test_a_sync_that_can_only_fail_is_refused_with_what_to_do(
    history: History, alice: FlaskClient, state: str, reason: str | None, said: str
) -> None:
    history.owner.execute("delete from sync_jobs")
    history.owner.execute(
        "update profiles set state = %s, state_code = %s, state_params = %s where id = %s",
        (state, reason and "x", Jsonb({"sentence": reason} if reason else {}), history.profile),
    )
    status, told = start(alice, history.profile, {"kind": "SYNC"})
    assert (status, said in told["detail"]) == (409, True)
    assert history.owner.execute("select 1 from sync_jobs").fetchone() is None


def test_a_post_without_the_form_token_is_refused(history: History, alice: FlaskClient) -> None:
    answer = alice.post(f"/api/v1/profiles/{history.profile}/jobs", json={"kind": "SYNC"})
    assert (answer.status_code, answer.json["code"]) == (400, "form_token")  # type: ignore[index]


def test_strangers_get_401_and_charlie_404_in_json(
    history: History, alice: FlaskClient, client: FlaskClient, people: Personas, signed_in_as: SignedInAs
) -> None:
    _, made = start(alice, history.profile, {"kind": "SYNC"})
    charlie = signed_in_as(people.charlie)
    for path in (f"/api/v1/profiles/{history.profile}", f"/api/v1/jobs/{made['id']}"):
        for browser, status in ((client, 401), (charlie, 404)):
            answer = browser.get(path)
            assert answer.status_code == status
            assert set(answer.json) == {"type", "title", "status", "detail", "code"}  # type: ignore[arg-type]
    assert client.get("/api/v1/profiles").status_code == 401
    assert start(charlie, history.profile, {"kind": "SYNC"})[0] == 404
    assert alice.get(f"/api/v1/jobs/{uuid4()}").status_code == 404
