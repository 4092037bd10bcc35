"""Trouble on demand: its kinds, its places and its number."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The possible faults; those of ``AT_ONCE`` change the state and are over."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    SCOPE_WITHDRAWN = "scope_withdrawn"
    QUOTA_SPENT = "quota_spent"
    VIDEO_GONE = "video_gone"
    CHANNEL_CLOSED = "channel_closed"
    THROTTLED = "throttled"
    EMPTY = "empty"
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    MALFORMED = "malformed"
    REFUSED = "refused"
    ROTATED = "rotated"
    FORBIDDEN = "forbidden"
    NOT_CONFIGURED = "not_configured"
    SIGNUP_REQUIRED = "signup_required"
    ANALYTICS_LAG = "analytics_lag"
    METRIC_RETIRED = "metric_retired"
    BAD_PAGE_TOKEN = "bad_page_token"  # noqa: S105
    REPEATED_CURSOR = "repeated_cursor"
    SHORT_LIST = "short_list"
    CLEAR = "clear"


AT_ONCE = frozenset(
    {
        FaultKind.EXPIRED,
        FaultKind.REVOKED,
        FaultKind.SCOPE_WITHDRAWN,
        FaultKind.QUOTA_SPENT,
        FaultKind.VIDEO_GONE,
        FaultKind.CHANNEL_CLOSED,
    }
)


class Where(StrEnum):
    """The calls that a fault may hit."""

    TOKEN = "token"  # noqa: S105
    DATA = "data"
    ANALYTICS = "analytics"
    ANY = "any"


@dataclass(slots=True)
class Fault:
    """``times`` more answers of ``where`` go wrong, once ``after`` more of them were right.

    A slow one takes ``ms`` longer; a refusal has ``status``; ``variant`` says which form of its kind it takes.
    """

    kind: FaultKind
    where: Where = Where.ANY
    times: int = 1
    status: int = 503
    ms: int = 1000
    variant: str = ""
    after: int = 0


class Faults:
    """The faults that are still to come, oldest first."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let ``fault`` come after those already set."""
        if fault.times > 0:
            self._coming.append(fault)

    def clear(self) -> None:
        """Nothing more goes wrong."""
        self._coming.clear()

    def take(self, kind: FaultKind, where: Where, variants: frozenset[str] | None = None) -> Fault | None:
        """Return the next fault of that kind for that place and count it as happened."""
        for fault in self._coming:
            fits = fault.kind is kind and fault.where in (where, Where.ANY)
            if fits and (variants is None or fault.variant in variants):
                if fault.after > 0:
                    fault.after -= 1
                    return None
                fault.times -= 1
                self._coming = [left for left in self._coming if left.times > 0]
                return fault
        return None

    def coming(self) -> list[dict[str, object]]:
        """Return what is still to come, as JSON-ready rows."""
        return [asdict(fault) for fault in self._coming]
