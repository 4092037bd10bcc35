"""The kinds and states of a job, the allowed transitions, and a job's questions to a person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    LOGIN = "LOGIN"
    CONNECT = "CONNECT"
    REVOKE = "REVOKE"
    RENEW_ACCESS = "RENEW_ACCESS"
    SYNC = "SYNC"
    SYNC_PROFILE = "SYNC_PROFILE"
    SYNC_FOLLOWERS = "SYNC_FOLLOWERS"
    SYNC_FOLLOWING = "SYNC_FOLLOWING"
    SYNC_MEDIA = "SYNC_MEDIA"
    SYNC_STORIES = "SYNC_STORIES"
    SYNC_VIEWERS = "SYNC_VIEWERS"
    SYNC_LIKERS = "SYNC_LIKERS"
    SYNC_INSIGHTS = "SYNC_INSIGHTS"
    SYNC_AUDIENCE = "SYNC_AUDIENCE"
    LOOK_UP = "LOOK_UP"
    PROBE_ENDPOINTS = "PROBE_ENDPOINTS"
    CHECK_SESSION = "CHECK_SESSION"
    IMPORT = "IMPORT"
    DERIVE = "DERIVE"
    EXPORT = "EXPORT"
    DELETE_PROFILE = "DELETE_PROFILE"
    ACCOUNT_EXPORT = "ACCOUNT_EXPORT"
    DELETE_ACCOUNT = "DELETE_ACCOUNT"


class JobState(StrEnum):
    PENDING = "PENDING"
    WAITING = "WAITING"
    RUNNING = "RUNNING"
    NEEDS_INPUT = "NEEDS_INPUT"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


# The allowed transitions; a trigger on the table enforces the same ones.
TRANSITIONS: Mapping[JobState, frozenset[JobState]] = {
    JobState.PENDING: frozenset({JobState.RUNNING, JobState.WAITING, JobState.FAILED, JobState.CANCELLED}),
    JobState.WAITING: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(JobState) - {JobState.RUNNING},
    JobState.NEEDS_INPUT: frozenset(JobState) - {JobState.NEEDS_INPUT, JobState.COMPLETED},
    JobState.COMPLETED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
ENDED = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})
LIVE = frozenset(JobState) - ENDED
# The smaller number goes first: jobs that a person waits for, then scheduled ones.
INTERACTIVE_PRIORITY = 100
SCHEDULED_PRIORITY = 200


class Outcome(StrEnum):
    """The ending of one attempt at a job."""

    COMPLETED = "COMPLETED"
    RETRY = "RETRY"
    WAITING = "WAITING"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"
    DRAINED = "DRAINED"


class CodeMethod(StrEnum):
    """The ways in which a security code reaches a person.

    APPROVAL has no code, the person agrees on another device; ACCOUNT has none either, the person chooses an account.
    SAME_ACCOUNT asks whether an account is the one of a profile that has its name.
    """

    TOTP = "totp"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    BACKUP = "backup"
    APPROVAL = "approval"
    ACCOUNT = "account"
    SAME_ACCOUNT = "same_account"


NOT_THE_SAME = "no"
"""The answer to SAME_ACCOUNT that keeps the two apart; the id of the only choice is the other one."""


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """An account that a person may choose: its id on the platform, its names, and whether it is connected already."""

    id: str
    username: str
    display_name: str | None = None
    is_connected: bool = False


@dataclass(frozen=True, slots=True)
class InputRequest:
    """A job's question on the page: one code, one of several accounts, or whether two are one (`choices`).

    `sent_to` is masked by the platform; `error` is set after a wrong code. `resend_at` is when another message may be
    requested (aware; None where there is nothing to send). The answer is sealed JSON: `{"code": "123456"}`,
    `{"method": "sms"}` to get it another way, `{"resend": true}` for another message, `{"done": true}` for an approval
    that was given, `{"account": "<id>"}` for an account that was chosen.
    """

    method: CodeMethod
    sent_to: str | None = None
    others: tuple[CodeMethod, ...] = ()
    error: str | None = None
    resend_at: datetime | None = None
    choices: tuple[AccountChoice, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"resend_at": self.resend_at.isoformat() if self.resend_at else None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "InputRequest":
        """The reverse of `to_json`; raises ValueError on an unknown method."""
        return cls(
            method=CodeMethod(data["method"]),
            sent_to=data.get("sent_to"),
            others=tuple(CodeMethod(m) for m in data.get("others", ())),
            error=data.get("error"),
            resend_at=datetime.fromisoformat(data["resend_at"]) if data.get("resend_at") else None,
            choices=tuple(AccountChoice(**choice) for choice in data.get("choices", ())),
        )


def eta_seconds(progress: Mapping[str, Any], now: datetime) -> float | None:
    """Seconds until the running step ends, at its pace so far; None when that cannot be known.

    `progress` is `{"step", "done", "total", "step_started_at", "started_from"}`; `started_from` is the value of `done`
    when this attempt began, so that a resumed walk does not look fast.
    """
    total, started = progress.get("total"), progress.get("step_started_at")
    if total is None or started is None:
        return None
    gained = int(progress["done"]) - int(progress.get("started_from", 0))
    elapsed = (now - datetime.fromisoformat(started)).total_seconds()
    if gained <= 0 or elapsed < 1:
        return None
    return max(0.0, (int(total) - int(progress["done"])) * elapsed / gained)
