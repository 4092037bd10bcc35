"""The server of Meta's stand-in, and worlds that it shares."""

from datetime import timedelta

import httpx
import pytest

from sandbox.meta.people import open_person
from sandbox.meta.server import Config, start, start_with
from sandbox.world.world import World, WorldConfig
from tests.sandbox.meta.conftest import SMALL

TINY = WorldConfig(followers=20, following=0, posts=0)


def test_it_frees_both_ports_and_may_be_stopped_twice() -> None:
    running = start(Config((TINY,)))
    addresses = (running.url, running.facebook_url)
    for address in addresses:
        assert httpx.get(f"{address}/_sandbox/now").json() == {"now": TINY.start.isoformat()}
    running.stop()
    running.stop()
    for address in addresses:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/_sandbox/now")


def test_a_world_of_another_stand_in_moves_both() -> None:
    world = World(TINY)
    running = start_with([open_person(world)])
    try:
        world.advance(timedelta(days=2))
        assert httpx.get(f"{running.url}/_sandbox/now").json() == {"now": world.now.isoformat()}
        httpx.post(f"{running.facebook_url}/_sandbox/advance", json={"days": 1}).raise_for_status()
        assert world.now == world.start + timedelta(days=3)
    finally:
        running.stop()


def test_the_settings_lead_to_the_stand_in() -> None:
    running = start(Config((TINY,)))
    running.stop()
    settings = running.environment()
    assert settings["INSTAGRAM_APP_ID"] == running.meta.app.instagram_id
    assert settings["META_APP_ID"] == running.meta.app.id
    for family, url in (("INSTAGRAM", running.url), ("FACEBOOK", running.facebook_url)):
        assert {value for name, value in settings.items() if name.startswith(family) and name.endswith("_URL")} == {url}
    assert not [name for name in running.web_environment() if name.endswith("_SECRET")]


def test_accounts_have_usernames_of_their_own() -> None:
    with pytest.raises(ValueError, match="a username of its own"):
        start(Config((TINY, SMALL)))
    with pytest.raises(ValueError, match="at least one account"):
        start(Config(()))
