"""The server of Google's stand-in, and worlds that it shares."""

from datetime import timedelta

import httpx
import pytest

from sandbox.google.oauth.clients import Client
from sandbox.google.people import open_account
from sandbox.google.server import Config, PersonConfig, start, start_with
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.world import World, WorldConfig
from tests.sandbox.google.conftest import QUIET

TINY = ChannelConfig(videos=1, age_days=10)


def test_it_frees_its_port_and_may_be_stopped_twice() -> None:
    running = start(Config(people=(PersonConfig(QUIET, (TINY,)),)))
    port = httpx.URL(running.url).port or 0
    assert httpx.get(f"{running.url}/_sandbox/now").json() == {"now": QUIET.start.isoformat()}
    running.stop()
    running.stop()
    again = start(Config(people=(PersonConfig(QUIET, (TINY,)),), port=port))
    assert again.url == running.url
    again.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.url}/_sandbox/now")


def test_a_world_of_another_stand_in_moves_both() -> None:
    world = World(WorldConfig(followers=20, following=0, posts=0))
    running = start_with([open_account(world, (TINY,))], Client(id="mine"))
    try:
        channel = running.google.channels()[0]
        assert (running.google.client.id, channel.title) == ("mine", world.account.full_name)
        world.advance(timedelta(days=2))
        answer = httpx.get(f"{running.url}/_sandbox/now")
        assert answer.json() == {"now": world.now.isoformat()}
        httpx.post(f"{running.url}/_sandbox/advance", json={"days": 1}).raise_for_status()
        assert world.now == world.start + timedelta(days=3)
    finally:
        running.stop()


def test_answers_are_dated_by_the_calendar() -> None:
    running = start(Config(people=(PersonConfig(QUIET, (TINY,)),)))
    try:
        answer = httpx.get(f"{running.url}/youtube/v3/channels")
        assert answer.headers["Date"] == "Fri, 20 Nov 2026 18:00:00 GMT"
        assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
        wrong = httpx.post(f"{running.url}/_sandbox/advance", json={"hours": 0})
        assert wrong.status_code == 400
    finally:
        running.stop()


def test_people_have_addresses_of_their_own() -> None:
    with pytest.raises(ValueError, match="an address of their own"):
        start(Config(people=(PersonConfig(QUIET, (TINY,)), PersonConfig(QUIET, (TINY,)))))
    with pytest.raises(ValueError, match="share an id"):
        start(Config(people=(PersonConfig(QUIET, (TINY,), "a@b.example"), PersonConfig(QUIET, (TINY,), "c@d.example"))))
    with pytest.raises(ValueError, match="at least one person"):
        start(Config(people=()))


def test_one_advance_moves_every_persons_world() -> None:
    others = WorldConfig(seed=8, followers=0, following=0, posts=0, start=QUIET.start)
    running = start(Config(people=(PersonConfig(QUIET, (TINY,)), PersonConfig(others, (TINY,)))))
    try:
        httpx.post(f"{running.url}/_sandbox/advance", json={"days": 1}).raise_for_status()
        assert {account.world.now for account in running.google.accounts} == {QUIET.start + timedelta(days=1)}
    finally:
        running.stop()
