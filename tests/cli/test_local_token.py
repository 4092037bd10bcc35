"""`rollcall connect instagram --token-file`: a token that another program got is taken over, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from cli.local_token import GivenToken, TakeOver, account_of_environment, take_over, token_of_environment, token_of_file
from rollcall import main
from shared.errors import InputError
from shared.settings import Settings
from shared.store.users import data_keys
from shared.vault import Place
from tests.conftest import Personas
from tests.rig.tiny_meta import ACCOUNT, INSIGHTS, TinyMeta, refusal, tiny_meta
from tests.worker.handling import Pool, services_for
from worker.platforms import instagram
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Take = Callable[..., Awaitable[str]]
YOUNG = refusal(100, message="The access token must be at least 24 hours old to be refreshed")


@pytest.fixture
def meta() -> Iterator[TinyMeta]:
    with tiny_meta() as made:
        yield made


@pytest.fixture
def services(worker_pool: Pool, meta: TinyMeta) -> Services:
    found = services_for(worker_pool)
    settings = replace(
        found.settings, instagram_app_id="an-id", instagram_app_secret="a-secret", instagram_graph_url=meta.address
    )
    client = instagram.client_of(found.browser, settings)
    return replace(found, settings=settings, platforms={client.name: client})


@pytest.fixture
def take(services: Services, people: Personas) -> Take:
    """take(text, account_id): what the command does for Alice; returns the username."""

    @asynccontextmanager
    async def services_of(_: Settings, __: int) -> AsyncIterator[Services]:
        yield services

    async def run(text: str = "long-1", account_id: str | None = None, email: str = "alice@example.org") -> str:
        given = TakeOver(GivenToken(text, account_id, "Asia/Tokyo"), email)
        return await take_over(services.settings, given, asyncio.Event(), services_of)

    return run


async def stored(owner: Owner, services: Services, people: Personas) -> dict[str, Any]:
    """The only connection, with its token."""
    (row,) = owner.execute("select id, method, state, scopes, secret from public.connections").fetchall()
    async with services.pool.connection() as conn:
        key = await data_keys.data_key(conn, services.keyring, people.alice)
    secret = json.loads(key.decrypt(row["secret"], Place("connections", "secret", people.alice, row["id"])))
    return {**row, **secret}


async def test_a_token_of_some_days_is_renewed_and_its_account_connected(
    take: Take, owner: Owner, services: Services, people: Personas
) -> None:
    assert await take(account_id=ACCOUNT) == "ada"
    kept = await stored(owner, services, people)
    assert (kept["method"], kept["state"], kept["access_token"]) == ("instagram_login", "ACTIVE", "long-2")
    assert INSIGHTS in kept["scopes"]
    assert datetime.fromisoformat(kept["expires_at"]) > datetime.now(UTC) + timedelta(days=59)
    (profile,) = owner.execute("select username, state, timezone from public.profiles").fetchall()
    assert profile == {"username": "ada", "state": "CONNECTED", "timezone": "Asia/Tokyo"}
    jobs = owner.execute("select kind, state, sealed from public.sync_jobs order by created_at").fetchall()
    assert [tuple(job.values()) for job in jobs] == [("CONNECT", "COMPLETED", None), ("SYNC", "PENDING", None)]


async def test_a_token_from_today_is_kept_as_it_is_and_its_end_is_not_made_up(
    take: Take, meta: TinyMeta, owner: Owner, services: Services, people: Personas
) -> None:
    meta.fail("/refresh_access_token", YOUNG)
    assert await take() == "ada"
    kept = await stored(owner, services, people)
    assert (kept["access_token"], kept["expires_at"]) == ("long-1", None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "long-0"}, "no longer accepts the access"),
        ({"text": "EAAB-of-facebook"}, "one of Facebook Login"),
        ({"account_id": "17840000000000009"}, "opens another account"),
        ({"email": "nobody@example.org"}, "No Rollcall account has this e-mail"),
    ],
)
async def test_what_cannot_be_taken_over_says_why_and_leaves_nothing(
    take: Take, owner: Owner, given: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        await take(**given)
    assert not owner.execute("select from public.profiles").fetchall()


async def test_a_personal_account_has_no_official_api(take: Take, meta: TinyMeta) -> None:
    meta.kind = "PERSONAL"
    with pytest.raises(InputError, match="personal"):
        await take()


def test_the_token_is_all_there_is_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text("IGAAx1\n")
    assert token_of_file(file) == "IGAAx1"
    for wrong in ("", "two words", "IG_LONG_TOKEN=x\nIG_ACCOUNT_ID=1", "x" * 5000, "\u00e9"):
        file.write_text(wrong)
        with pytest.raises(InputError, match="holds no token"):
            token_of_file(file)


def test_the_environment_of_a_program_for_one_account_is_known() -> None:
    environ = {"IG_LONG_TOKEN": " IGAAx1 ", "IG_ACCOUNT_ID": "178"}
    assert (token_of_environment(environ), account_of_environment(environ)) == ("IGAAx1", "178")
    assert (token_of_environment({}), account_of_environment({})) == (None, None)


def test_the_token_of_the_environment_is_offered_and_may_be_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IG_LONG_TOKEN", "IGAA-canary")
    shown = CliRunner().invoke(main, ["connect", "instagram"], input="n\n")
    assert shown.exit_code == 1
    assert "Take it over and connect its account?" in shown.output
    assert "IGAA-canary" not in shown.output


@pytest.mark.parametrize("words", [[], ["--headed", "--token-file", __file__]])
def test_one_way_is_chosen(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IG_LONG_TOKEN", raising=False)
    shown = CliRunner().invoke(main, ["connect", "instagram", *words])
    assert shown.exit_code == 2
    assert "Choose one way" in shown.output
