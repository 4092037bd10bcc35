"""Operators learn of what only they can mend: one episode on their page, one mail to each of them, one event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.store.operator import episodes
from tests.conftest import Personas
from tests.worker.handling import Pool, services_for
from worker.notify import operators
from worker.notify.base import Letter, MailFailed
from worker.periodic import operator_watch
from worker.periodic.operator_watch import watch
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
NAMED = frozenset({"bob@example.org", "op@example.org"})
URL = "https://rollcall.example.org"


class Hand:
    """Keeps the letters, and fails as it is told."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.letters = list(errors), list[Letter]()

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        if self.errors:
            raise self.errors.pop(0)


class Told:
    """Keeps the error lines of the log, of which each becomes one event."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def error(self, event: str, **facts: Any) -> None:
        self.lines.append({"event": event, **facts})


@pytest.fixture
def services(worker_pool: Pool) -> Services:
    made = services_for(worker_pool)
    return replace(made, settings=replace(made.settings, operators=NAMED))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()
    monkeypatch.setattr(operator_watch, "_log", made)
    return made


@pytest.fixture
def channel(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice, "ada", platform="youtube")


@pytest.fixture
def end_jobs(owner: Owner, people: Personas, channel: UUID) -> Callable[..., None]:
    """end_jobs(state, number, hours=1): so many jobs of the channel ended in this state, so long ago."""

    def make(state: str, number: int, hours: int = 1) -> None:
        owner.execute(
            "insert into sync_jobs (user_id, profile_id, kind, state, ended_at)"
            " select %s, %s, 'SYNC_PROFILE', %s, now() - %s from generate_series(1, %s)",
            (people.alice, channel, state, timedelta(hours=hours), number),
        )

    return make


def open_ones(web_pool: ConnectionPool[WebConnection]) -> list[tuple[str, str, str]]:
    with web_pool.connection() as conn:
        return [(one.kind, one.subject, one.message) for one in episodes.open_episodes(conn)]


def mails(owner: Owner) -> list[tuple[str, str]]:
    rows = owner.execute("select address, state from rollcall.operator_mails order by id").fetchall()
    return [(row["address"], row["state"]) for row in rows]


async def test_more_than_a_tenth_of_failed_jobs_is_one_episode_one_event_and_one_mail_to_each_operator(
    services: Services,
    told: Told,
    end_jobs: Callable[..., None],
    web_pool: ConnectionPool[WebConnection],
) -> None:
    end_jobs("COMPLETED", 18)
    end_jobs("FAILED", 2)
    end_jobs("CANCELLED", 30)
    end_jobs("FAILED", 30, hours=25)
    assert await watch(services) == []
    assert open_ones(web_pool) == []
    end_jobs("FAILED", 1)
    hand = Hand()
    for _ in range(3):
        await watch(services)
        await operators.deliver(services.pool, hand, URL)
    says = "3 of 21 jobs for YouTube that ended in 24 hours have failed."
    ((kind, subject, message),) = open_ones(web_pool)
    assert (kind, subject) == ("jobs_failing", "youtube")
    assert message.startswith(says)
    assert sorted(letter.to for letter in hand.letters) == sorted(NAMED)
    assert all(says in letter.text and f"{URL}/admin" in letter.text for letter in hand.letters)
    assert told.lines == [
        {"event": "operator_episode_began", "kind": "jobs_failing", "about": "youtube", "failed": 3, "ended": 21}
    ]


async def test_few_jobs_say_nothing(services: Services, end_jobs: Callable[..., None]) -> None:
    end_jobs("FAILED", 19)
    assert await watch(services) == []


async def test_it_closes_by_itself_and_what_returns_within_a_day_is_the_same_episode(
    services: Services,
    owner: Owner,
    end_jobs: Callable[..., None],
    web_pool: ConnectionPool[WebConnection],
) -> None:
    end_jobs("COMPLETED", 17)
    end_jobs("FAILED", 3)
    await watch(services)
    end_jobs("COMPLETED", 20)
    await watch(services)
    assert open_ones(web_pool) == []
    end_jobs("FAILED", 3)
    assert await watch(services) == []
    assert len(open_ones(web_pool)) == 1
    assert len(mails(owner)) == len(NAMED)
    owner.execute("update alerts set closed_at = now() - interval '25 hours'")
    assert len(await watch(services)) == 1
    assert len(mails(owner)) == 2 * len(NAMED)


async def test_a_token_that_ended_without_a_renewal_is_told_and_one_that_its_person_revoked_is_not(
    services: Services,
    owner: Owner,
    people: Personas,
    channel: UUID,
    make_profile: Callable[..., UUID],
    web_pool: ConnectionPool[WebConnection],
) -> None:
    other = make_profile(people.bob, "bea", platform="youtube")
    for profile, user, state, since in (
        (channel, people.alice, "EXPIRED", "2 days"),
        (other, people.bob, "EXPIRED", "0 days"),
    ):
        owner.execute(
            "insert into connections (user_id, profile_id, method, state, expires_at, state_since) values"
            " (%s, %s, 'google', %s, now() - interval '1 day', now() - %s::interval)",
            (user, profile, state, since),
        )
    assert [(one.kind, dict(one.params)) for one in await watch(services)] == [("tokens_ended", {"number": 1})]
    assert "A token for YouTube ended" in open_ones(web_pool)[0][2]
    owner.execute("update connections set expires_at = now() + interval '50 days'")
    await watch(services)
    assert open_ones(web_pool) == []


@pytest.mark.parametrize(
    ("units", "spent", "begins", "says"),
    [
        (8999, False, False, ""),
        (9000, False, True, "The app has used 9000 of the 10000 units that it has today (youtube_data)."),
        (5, True, True, "The platform says that the app has used up its quota (youtube_data)."),
    ],
)
async def test_a_quota_without_units_for_the_schedule_is_told(
    services: Services,
    owner: Owner,
    web_pool: ConnectionPool[WebConnection],
    units: int,
    spent: bool,
    begins: bool,
    says: str,
) -> None:
    owner.execute(
        "insert into rollcall.api_quotas (quota, day, units, day_limit, spent_until) values ('youtube_data',"
        " (now() at time zone 'America/Los_Angeles')::date, %s, 10000,"
        " case when %s then now() + interval '1 hour' end)",
        (units, spent),
    )
    assert [one.kind for one in await watch(services)] == ["quota_low"] * begins
    assert all(message.startswith(says) for _, _, message in open_ones(web_pool))
    assert len(open_ones(web_pool)) == begins


async def test_a_mail_that_fails_for_good_is_not_tried_again_and_the_others_are_sent(
    services: Services, owner: Owner, end_jobs: Callable[..., None]
) -> None:
    end_jobs("FAILED", 20)
    await watch(services)
    hand = Hand(MailFailed("refused", permanent=True))
    assert await operators.deliver(services.pool, hand, None) == 1
    assert await operators.deliver(services.pool, hand, None) == 0
    assert sorted(state for _, state in mails(owner)) == ["FAILED", "SENT"]


async def test_an_installation_without_operators_has_the_episode_and_no_mail(
    worker_pool: Pool, owner: Owner, end_jobs: Callable[..., None], web_pool: ConnectionPool[WebConnection]
) -> None:
    end_jobs("FAILED", 20)
    await watch(services_for(worker_pool))
    assert mails(owner) == []
    assert len(open_ones(web_pool)) == 1


async def test_no_person_sees_an_episode(
    services: Services,
    end_jobs: Callable[..., None],
    people: Personas,
    web_pool: ConnectionPool[WebConnection],
) -> None:
    end_jobs("FAILED", 20)
    await watch(services)
    with tenant(web_pool, people.alice) as conn:
        assert conn.execute("select from public.alerts").fetchall() == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(web_pool, people.alice) as conn:
        episodes.open_episodes(conn)
