"""The kinds and places of trouble at Instagram's stand-in; a checkpoint lingers for the fault's ``ms``."""

from enum import StrEnum

from sandbox.faults import Fault

__all__ = ["Fault", "FaultKind", "Where"]


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
