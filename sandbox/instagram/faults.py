"""Trouble on demand: what goes wrong, where, and how often."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The possible faults of a login or a session."""

    PLEASE_WAIT = "please_wait"
    FEEDBACK = "feedback"
    CHECKPOINT = "checkpoint"
    SUSPENDED = "suspended"
    SESSION_DEAD = "session_dead"
    LOGGED_OUT = "logged_out"
    WHO_AM_I = "who_am_i"
    HTTP_500 = "http_500"
    MESSAGE = "message"
    BARE = "bare"
    SLOW = "slow"
    DIALOG = "dialog"
    SUSPICION = "suspicion"
    CONSENT = "consent"
    EMPTY_LIST = "empty_list"
    LIMITED_LIST = "limited_list"
    SHORT_LIST = "short_list"
    REPEATED_CURSOR = "repeated_cursor"
    BARREN_PAGES = "barren_pages"
    SAME_PEOPLE = "same_people"
    DUPLICATES = "duplicates"
    RERANKED = "reranked"
    COUNT_MOVES = "count_moves"
    HTML_LIST = "html_list"
    WRONG_IDS = "wrong_ids"
    HAS_MORE_LIES = "has_more_lies"
    ROUTE_GONE = "route_gone"
    CUT_OFF = "cut_off"
    NAMELESS = "nameless"
    STEADY_GAP = "steady_gap"
    HIDDEN_LIKES = "hidden_likes"
    VIEWERS_GONE = "viewers_gone"
    STORIES_EMPTY = "stories_empty"
    MEDIA_HTML = "media_html"
    CLEAR = "clear"


class Where(StrEnum):
    """Which calls a fault may hit."""

    LOGIN = "login"
    JSON = "json"
    PAGE = "page"
    ANY = "any"


@dataclass(slots=True)
class Fault:
    """``times`` more answers of ``where`` go wrong, once ``after`` more of them were right.

    A slow one takes ``ms`` longer, a checkpoint lingers so long after a right code; a refusal has ``status``;
    ``variant`` says which form of its kind it takes.
    """

    kind: FaultKind
    where: Where
    times: int
    status: int
    ms: int
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

    def take(self, kind: FaultKind, where: Where, variant: str | None = None) -> Fault | None:
        """Return the next fault of that kind (and variant) for that place and count it as happened."""
        for fault in self._coming:
            if fault.kind is kind and fault.where in (where, Where.ANY) and variant in (None, fault.variant):
                if fault.after > 0:
                    fault.after -= 1
                    return None
                fault.times -= 1
                self._coming = [left for left in self._coming if left.times > 0]
                return fault
        return None

    def of(self, kind: FaultKind) -> list[Fault]:
        """Return the faults of a kind that are still to come, oldest first."""
        return [fault for fault in self._coming if fault.kind is kind]

    def happen(self, fault: Fault) -> bool:
        """Count one answer on ``fault`` and return whether it goes wrong."""
        if fault.after > 0:
            fault.after -= 1
            return False
        fault.times -= 1
        self._coming = [left for left in self._coming if left.times > 0]
        return True

    def coming(self) -> list[dict[str, object]]:
        """Return what is still to come, as JSON-ready rows."""
        return [asdict(fault) for fault in self._coming]
