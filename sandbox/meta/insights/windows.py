"""Windows of time: the days between ``since`` and ``until``, and how much of a day is counted yet."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from flask import request

from sandbox.meta.graph.answers import Json, bad
from sandbox.world.channel.days import day_of, end

SETTLED = timedelta(hours=48)
"""The time after a day until its figures do not change any more."""
_COUNTED_YET = 0.97
_MOST = timedelta(days=30)
_LOOK_BACK = timedelta(days=730)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time; a day belongs to it when its end does."""

    since: datetime
    until: datetime

    def days(self, now: datetime) -> list[date]:
        """Return the days, oldest first, without those that are too long ago or have not begun."""
        found, day = [], day_of(max(self.since, now - _LOOK_BACK))
        while end(day) <= self.until and end(day) - _DAY <= now:
            if end(day) > self.since:
                found.append(day)
            day += _DAY
        return found


def window(now: datetime) -> Window:
    """Return the window of the present request, by default the last 24 hours; raises GraphError."""
    since, until = _moment("since"), _moment("until")
    if since is not None and since > now:
        raise bad("The parameter since must not lie in the future")
    until = until or (now if since is None else min(since + _DAY, now))
    since = since or until - _DAY
    if since > until:
        raise bad("The since param must be before the until param")
    if until - since > _MOST:
        raise bad(f"There cannot be more than 30 days ({_MOST.days * 86_400} s) between since and until")
    return Window(since, until)


def paging(stretch: Window) -> Json:
    """Return the addresses of the windows before and after; they go on for ever, and hold the token."""
    length = stretch.until - stretch.since
    return {
        "previous": _address(stretch.since - length, stretch.since),
        "next": _address(stretch.until, stretch.until + length),
    }


def counted_yet(day: date, now: datetime) -> float:
    """Return the share of a day's figures that is counted so far, of what there is of it."""
    return 1.0 if end(day) + SETTLED <= now else _COUNTED_YET


def is_there(day: date, now: datetime) -> bool:
    """Return whether a figure is there that comes a day late: follows and unfollows."""
    return end(day) + _DAY <= now


def end_text(day: date) -> str:
    """Return the end of a day as the series write it: midnight in California, in UTC."""
    return end(day).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _moment(name: str) -> datetime | None:
    text = request.args.get(name)
    if not text:
        return None
    if not text.isdecimal():
        raise bad(f"Param {name} must be a unix timestamp")
    return datetime.fromtimestamp(int(text), UTC)


def _address(since: datetime, until: datetime) -> str:
    span = {"since": str(int(since.timestamp())), "until": str(int(until.timestamp()))}
    return f"{request.base_url}?{urlencode({**request.args.to_dict(), **span})}"
