"""A stand-in inside a test's own process."""

from collections.abc import Callable

import httpx
import pytest

from sandbox.server import Config, Running, start
from sandbox.world.world import WorldConfig

TINY = WorldConfig(followers=1, following=0, posts=0)


def test_it_frees_its_port_and_may_be_stopped_twice() -> None:
    running = start(Config(TINY))
    port = httpx.URL(running.url).port
    assert port is not None
    with httpx.Client() as client:
        assert client.get(f"{running.url}/_sandbox/now").status_code == 200
        running.stop()
        running.stop()
    again = start(Config(TINY, port=port))
    assert again.url == running.url
    again.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.url}/_sandbox/now")


def test_a_taken_port_is_refused(serve: Callable[[Config], Running]) -> None:
    port = httpx.URL(serve(Config(TINY)).url).port
    with pytest.raises(OSError, match="in use"):
        start(Config(TINY, port=port or 0))


def test_two_stand_ins_are_two_worlds(serve: Callable[[Config], Running]) -> None:
    first, second = serve(Config(TINY)), serve(Config(TINY))
    httpx.post(f"{first.url}/_sandbox/advance", json={"days": 1}).raise_for_status()
    assert httpx.get(f"{second.url}/_sandbox/now").json()["now"] == second.credentials.now
