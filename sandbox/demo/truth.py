"""Reads the truth from the stand-ins, and moves their calendars."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Control:
    """The control side of a running stand-in."""

    url: str

    def now(self) -> datetime:
        """The sandbox's own time (aware)."""
        return datetime.fromisoformat(self._get("/_sandbox/now")["now"])

    def advance(self, **span: int) -> None:
        """Lets `days=` or `hours=` pass."""
        self._post("/_sandbox/advance", span)

    def fault(self, fault: dict[str, object]) -> None:
        """Adds a fault, as `POST /_sandbox/faults` takes it."""
        self._post("/_sandbox/faults", fault)

    def clear_faults(self) -> None:
        """Takes back every fault that is still to come."""
        self._post("/_sandbox/faults", {"kind": "clear"})

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:  # noqa: S310
            body: dict[str, Any] = json.load(answer)
        return body

    def _post(self, path: str, body: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            answer.read()


@dataclass(frozen=True, slots=True)
class World(Control):
    """Instagram's stand-in, and its account."""

    username: str

    def code(self) -> str:
        """The newest security code: what the authenticator shows, else the last message on the phone."""
        phone = self._get(f"/_sandbox/phone/{self.username}")
        code: str = phone["totp"] or phone["messages"][-1]["code"]
        return code

    def steer(self, **people: int) -> None:
        """Lets so many people `leave=`, be renamed (`rename=`), or follow `again=` after they left."""
        self._post("/_sandbox/people", people)

    def truth(self, since: datetime) -> dict[str, Any]:
        """The true lists now, and who was gained, lost and renamed since then."""
        query = urllib.parse.urlencode({"since": since.isoformat()})
        return self._get(f"/_sandbox/truth/{self.username}?{query}")

    def slow(self, ms: int, times: int) -> None:
        """Delays the next `times` answers by `ms`, so that a sync can be watched."""
        self._post("/_sandbox/faults", {"kind": "slow", "ms": ms, "times": times, "where": "json"})


@dataclass(frozen=True, slots=True)
class ChannelWorld(Control):
    """Google's stand-in, and a channel by its id or handle."""

    channel: str

    def truth(self, since: date | None = None) -> dict[str, Any]:
        """The true counters and videos now, and the days since then; by default the last 28."""
        query = "" if since is None else f"?since={since.isoformat()}"
        return self._get(f"/_sandbox/truth/{urllib.parse.quote(self.channel)}{query}")


@dataclass(frozen=True, slots=True)
class OfficialWorld(Control):
    """Meta's stand-in, and an Instagram account by its username."""

    username: str

    def truth(self) -> dict[str, Any]:
        """The true counters, pieces and last 28 days, as the official API counts them."""
        return self._get(f"/_sandbox/truth/{urllib.parse.quote(self.username)}")


@dataclass(frozen=True, slots=True)
class ClipWorld(Control):
    """TikTok's stand-in, and an account by its username."""

    username: str

    def truth(self) -> dict[str, Any]:
        """The true counters and clips now."""
        return self._get(f"/_sandbox/truth/{urllib.parse.quote(self.username)}")
