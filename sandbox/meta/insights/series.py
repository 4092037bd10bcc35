"""Series: reach by day, week and four weeks, new followers by day, and the hours at which followers are about."""

from collections.abc import Sequence
from datetime import date, timedelta

from sandbox.meta.graph.answers import Json
from sandbox.meta.people import Account
from sandbox.world.channel.days import day_of
from sandbox.world.insights.figures import together

from .totals import reach_of
from .windows import end_text, is_there

_TRAILING = {"day": 1, "week": 7, "days_28": 28}
_HOURS = 24
_FOLLOWERS_KEPT = timedelta(days=30)


def series(account: Account, name: str, period: str, days: Sequence[date]) -> list[Json]:
    """Return the values of a metric, each at the end of its time."""
    match name:
        case "online_followers":
            yesterday = day_of(account.world.now) - timedelta(days=1)
            hours = {str(hour): account.insights.online(hour) for hour in range(_HOURS)}
            return [{"value": hours, "end_time": end_text(yesterday)}]
        case "follower_count":
            return [_value(account.insights.came_and_left(day)[0], day) for day in days if _is_kept(account, day)]
        case _:
            return [_value(_trailing(account, day, _TRAILING[period]), day) for day in days]


def _trailing(account: Account, day: date, length: int) -> int:
    return together(reach_of(account, day - timedelta(days=back)) for back in range(length))


def _is_kept(account: Account, day: date) -> bool:
    now = account.world.now
    return is_there(day, now) and day_of(now) - day <= _FOLLOWERS_KEPT


def _value(value: int, day: date) -> Json:
    return {"value": value, "end_time": end_text(day)}
