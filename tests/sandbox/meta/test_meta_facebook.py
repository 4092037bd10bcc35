"""Facebook Login: its dialog, tokens of people and Pages, and the same accounts under Facebook's host."""

import httpx
import pytest

from sandbox.meta.apps import PAGE_BASIC, PAGES_LIST
from sandbox.meta.clicks import Refused, walk
from sandbox.meta.graph.caller import proof_of
from sandbox.meta.people import Account, Page, Person, media_id
from sandbox.world.world import World, WorldConfig
from tests.sandbox.meta.app import CALLBACK, App, error_of, window
from tests.sandbox.meta.conftest import SMALL, Visit
from tests.sandbox.meta.test_meta_insights import SETTLED

LINKED = "id,name,access_token,instagram_business_account{id,ig_id,username}"


def debugged(app: App, token: str) -> dict[str, object]:
    """The description of a token."""
    params = {"input_token": token, "access_token": f"{app.meta.app.id}|{app.meta.app.secret}"}
    answer = app.facebook.get("/v27.0/debug_token", params=params)
    answer.raise_for_status()
    found: dict[str, object] = answer.json()["data"]
    return found


def two_pages(visit: Visit) -> App:
    """A person with a Page of an account and a Page without one."""
    world = World(SMALL)
    account = Account(world)
    pages = [Page("Bread and walks", account), Page("Only a Page")]
    return visit(people=(Person("Ada & Sons", [account], pages),))


def test_the_dialog_comes_back_with_a_code_that_becomes_a_long_token(app: App) -> None:
    back = httpx.URL(walk(app.dialog()))
    assert back.params["state"] == "a state/ä"
    short = app.facebook_token(code=back.params["code"]).json()
    assert (short["token_type"], short["expires_in"]) == ("bearer", 3600)
    long = app.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=short["access_token"]).json()
    assert long["expires_in"] > 59 * 24 * 3600
    assert error_of(app.facebook_token(code=back.params["code"])) == (400, 100, 36009)


def test_a_dialog_that_names_no_kind_of_answer_brings_a_code_that_a_form_exchanges(app: App) -> None:
    code = httpx.URL(walk(app.dialog(response_type=None))).params["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    id_, secret = app.meta.app.id, app.meta.app.secret
    assert error_of(app.facebook.post("/oauth/access_token", data=form, auth=(id_, "another")))[:2] == (400, 1)
    assert app.facebook.post("/oauth/access_token", data=form, auth=(id_, secret)).json()["access_token"]


def test_a_grant_is_ended_by_the_id_of_its_own_person_alone(app: App) -> None:
    app.connect_facebook()
    token = {"access_token": app.token}
    assert error_of(app.facebook.delete("/v27.0/1234/permissions", params=token))[:2] == (400, 100)
    person = app.ask("me").json()["id"]
    assert app.facebook.delete(f"/v27.0/{person}/permissions", params=token).json() == {"success": True}
    assert error_of(app.ask("me"))[1] == 190


def test_a_denied_dialog_says_so(app: App) -> None:
    assert httpx.URL(walk(app.dialog(), allow=False)).params["error_reason"] == "user_denied"


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"client_id": "1126218129173214"}, "Invalid App ID"), ({"scope": "instagram_business_basic"}, "Invalid Scopes")],
)
def test_a_wrong_dialog_ends_on_a_page(app: App, changes: dict[str, str | None], text: str) -> None:
    with pytest.raises(Refused, match=text):
        walk(app.dialog(**changes))


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"client_id": "1"}, 101),
        ({"client_secret": "wrong"}, 1),
        ({"grant_type": "password"}, 100),
        ({"grant_type": "fb_exchange_token", "fb_exchange_token": "made-up"}, 190),
    ],
)
def test_a_wrong_exchange_is_refused(app: App, params: dict[str, str], code: int) -> None:
    assert error_of(app.facebook_token(**params))[:2] == (400, code)


def test_an_expired_token_cannot_be_lengthened_and_a_long_one_lives_on(app: App) -> None:
    token = app.connect_facebook()
    app.control("advance", days=30)
    renewed = app.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=token).json()["access_token"]
    app.control("advance", days=31)
    dead = app.facebook_token(grant_type="fb_exchange_token", fb_exchange_token=token)
    assert error_of(dead) == (400, 190, 463)
    app.token = renewed
    assert app.ask("me").status_code == 200


def test_pages_are_listed_with_their_tokens_and_accounts(visit: Visit) -> None:
    app = two_pages(visit)
    app.connect_facebook()
    linked, alone = app.ask("me/accounts", fields=LINKED).json()["data"]
    account = app.account
    assert linked["instagram_business_account"] == {
        "id": account.id,
        "ig_id": account.world.account.pk,
        "username": account.username,
    }
    assert "instagram_business_account" not in alone
    assert debugged(app, linked["access_token"])["type"] == "PAGE"
    usual = app.ask("me/accounts").json()["data"][0]
    assert set(usual) == {"id", "name", "access_token", "category", "category_list", "tasks"}


def test_only_chosen_pages_are_reached_and_listed_only_with_the_scope(visit: Visit) -> None:
    app = two_pages(visit)
    person = app.meta.people[0]
    app.connect_facebook(pages=[person.pages[1].id])
    assert [page["name"] for page in app.ask("me/accounts").json()["data"]] == ["Only a Page"]
    assert error_of(app.ask(app.account.id)) == (400, 100, 33)
    app.connect_facebook()
    app.control("faults", kind="scope_withdrawn", variant=PAGES_LIST)
    assert app.ask("me/accounts").json()["data"] == []
    assert app.ask(app.account.id).status_code == 200


def test_the_token_of_a_page_outlives_that_of_the_person(app: App) -> None:
    user = app.connect_facebook()
    (page,) = app.ask("me/accounts", fields="id,access_token").json()["data"]
    assert (debugged(app, page["access_token"])["expires_at"], debugged(app, user)["is_valid"]) == (0, True)
    app.control("advance", days=61)
    assert error_of(app.ask("me")) == (400, 190, 463)
    app.token = page["access_token"]
    assert app.ask(app.account.id, fields="username").json()["username"] == app.account.username
    assert app.ask("me", fields="name").json()["name"] == app.account.world.account.full_name + " (Page)"
    app.control("faults", kind="page_missing")
    assert error_of(app.ask(app.account.id)) == (400, 190, 492)


def test_a_token_is_described(app: App) -> None:
    user = app.connect_facebook()
    found = debugged(app, user)
    assert (found["type"], found["is_valid"], found["app_id"]) == ("USER", True, app.meta.app.id)
    scopes = found["scopes"]
    assert isinstance(scopes, list)
    assert PAGE_BASIC in scopes
    rows = found["granular_scopes"]
    assert isinstance(rows, list)
    assert {"scope": PAGE_BASIC, "target_ids": [app.account.id]} in rows
    app.control("faults", kind="expired")
    assert debugged(app, user)["is_valid"] is False
    wrong = app.facebook.get("/v27.0/debug_token", params={"input_token": user, "access_token": user})
    assert error_of(wrong)[:2] == (400, 190)


def test_a_grant_is_revoked_whole_or_by_scope(app: App) -> None:
    app.connect_facebook()
    path = f"/v27.0/me/permissions/{PAGE_BASIC}"
    assert app.facebook.delete(path, params={"access_token": app.token}).json() == {"success": True}
    assert error_of(app.facebook.delete(path, params={"access_token": app.token})) == (400, 100, None)
    granted = [row["permission"] for row in app.ask("me/permissions").json()["data"]]
    assert PAGE_BASIC not in granted
    assert error_of(app.ask(app.account.id)) == (400, 10, None)
    app.facebook.delete("/v27.0/me/permissions", params={"access_token": app.token}).raise_for_status()
    assert error_of(app.ask("me")) == (400, 190, 458)


def test_a_token_of_one_host_is_worth_nothing_at_the_other(app: App) -> None:
    app.connect()
    assert error_of(app.ask("me")) == (400, 190, None)
    app.connect_facebook()
    assert error_of(app.get("me")) == (400, 190, None)


def test_both_hosts_show_the_same_account(app: App) -> None:
    asked = {"metric": "views,reach", "period": "day", "metric_type": "total_value", **window(SETTLED)}
    app.connect()
    mine = app.get("me/insights", **asked).json()["data"]
    listed = app.get("me/media", fields="id,permalink", limit="3").json()["data"]
    app.connect_facebook()
    assert app.ask(f"{app.account.id}/insights", **asked).json()["data"] == mine
    rows = app.ask(f"{app.account.id}/media", fields="id,permalink,ig_id", limit="3").json()["data"]
    assert [{"id": row["id"], "permalink": row["permalink"]} for row in rows] == listed
    assert [row["ig_id"] for row in rows] == [str(post.pk) for post in reversed(app.account.world.posts[-3:])]
    reel = next(row for row in app.ask(f"{app.account.id}/media", fields="media_product_type").json()["data"])
    assert app.ask(f"{reel['id']}/insights", metric="total_views").status_code == 200
    assert error_of(app.ask("me/insights", metric="views")) == (400, 2500, None)


def test_another_business_can_be_looked_at_by_its_username(visit: Visit) -> None:
    app = visit(SMALL, WorldConfig(seed=8, followers=50, following=3, posts=6, start=SMALL.start))
    app.connect_facebook()
    other = app.meta.accounts()[1]
    below = "username,followers_count,media.limit(4){id,like_count}"
    fields = f"business_discovery.username({other.username}){{{below}}}"
    found = app.ask(app.account.id, fields=fields).json()["business_discovery"]
    assert (found["username"], found["followers_count"]) == (other.username, 50)
    assert [row["id"] for row in found["media"]["data"]] == [
        media_id(post.pk) for post in list(reversed(other.world.posts))[:4]
    ]
    after = found["media"]["paging"]["cursors"]["after"]
    rest = fields.replace("limit(4)", f"limit(4).after({after})")
    again = app.ask(app.account.id, fields=rest).json()["business_discovery"]["media"]
    assert len(again["data"]) == 2
    assert "paging" not in again
    missing = app.ask(app.account.id, fields="business_discovery.username(no.one){username}")
    assert error_of(missing) == (400, 110, 2207013)
    private = app.ask(app.account.id, fields=f"business_discovery.username({other.username}){{user_id}}")
    assert error_of(private) == (400, 100, None)


def test_the_proof_of_the_secret_is_checked_and_may_be_needed(app: App) -> None:
    token = app.connect_facebook()
    assert error_of(app.ask("me", appsecret_proof="wrong")) == (400, 100, None)
    app.control("app", needs_proof=True)
    assert error_of(app.ask("me")) == (400, 100, None)
    assert app.ask("me", appsecret_proof=proof_of(token, app.meta.app.secret)).status_code == 200


def test_the_apps_own_calls_fall_under_a_limit_of_an_hour(app: App) -> None:
    app.connect_facebook()
    app.meta.app.calls_an_hour = 2
    assert [app.ask("me/accounts").status_code for _ in range(3)] == [200, 200, 403]
    answer = app.ask("me")
    assert error_of(answer)[:2] == (403, 4)
    assert "X-App-Usage" in answer.headers
    app.control("advance", hours=1)
    assert app.ask("me").status_code == 200
    own = app.facebook_token(grant_type="client_credentials").json()
    assert own["access_token"] == f"{app.meta.app.id}|{app.meta.app.secret}"
