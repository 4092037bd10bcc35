"""Demographics: followers, and the people who engaged or were reached, by country, city, age and gender."""

from collections.abc import Collection
from datetime import timedelta

from flask import request

from sandbox.meta.graph.answers import Json, bad
from sandbox.meta.people import Account
from sandbox.world.insights.audience import counted, engaged, followers, reached

from .metrics import TIMEFRAMES

_MOST_VALUES, _FEWEST_PEOPLE = 45, 100


def demographics(account: Account, name: str, dimensions: tuple[str, ...]) -> Json | None:
    """Return the largest parts of an audience; None when there are too few people for it.

    The time frame stands first among the keys; it decides over ``since`` and ``until``.
    """
    frame = request.args.get("timeframe", "")
    if frame and frame not in TIMEFRAMES:
        raise bad(f"timeframe must be one of the following values: {', '.join(TIMEFRAMES)}")
    if not frame and name != "follower_demographics":
        raise bad(f"The metric {name} needs the parameter timeframe")
    people = _people(account, name, frame)
    if len(people) < _FEWEST_PEOPLE:
        return None
    first = (frame.upper(),) if frame else ()
    rows = [
        {"dimension_values": [*first, *key], "value": count}
        for key, count in list(counted(people, dimensions).items())[:_MOST_VALUES]
    ]
    keys = [*(("timeframe",) if frame else ()), *dimensions]
    return {"total_value": {"breakdowns": [{"dimension_keys": keys, "results": rows}]}}


def _people(account: Account, name: str, frame: str) -> Collection[int]:
    if name == "follower_demographics":
        return followers(account.world)
    since = account.world.now - timedelta(days=TIMEFRAMES[frame])
    return engaged(account.world, since) if name.startswith("engaged") else reached(account.world, since)
