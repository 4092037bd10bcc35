"""The faults of a soak: the stand-in's, by their consequences, and the machine's own."""

import json
import urllib.request
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random
from typing import Any

from sandbox.instagram.faults import FaultKind


@dataclass(frozen=True, slots=True)
class Trouble:
    """The forms of one kind of fault. `ends`: it costs the connection, so that only the person can mend it."""

    ends: bool = False
    where: tuple[str, ...] = ("json",)
    variants: tuple[str, ...] = ("",)
    statuses: tuple[int, ...] = (429,)
    most_times: int = 3
    most_after: int = 6


_LISTS = ("followers", "following", "")
# A kind that is not named here is tried as any other reading's fault, and told as unlisted.
TROUBLES = {
    "please_wait": Trouble(statuses=(429, 401, 400)),
    "feedback": Trouble(ends=True, variants=("", "ok")),
    "message": Trouble(
        ends=True,
        variants=("Login required.", "CHECKPOINT_REQUIRED", "feedback_required", "ip_block", "errors:rate_limit_error"),
    ),
    "bare": Trouble(where=("json", "page"), statuses=(429, 401, 403, 500, 503)),
    "http_500": Trouble(where=("json", "login")),
    "slow": Trouble(where=("json", "login", "any"), most_times=10),
    "checkpoint": Trouble(
        ends=True,
        where=("json", "login"),
        variants=("", "code_email", "code_sms", "picker", "legacy", "approval", "captcha", "selfie", "password"),
    ),
    "suspended": Trouble(ends=True, where=("json", "login")),
    "session_dead": Trouble(ends=True),
    "logged_out": Trouble(ends=True, variants=("require_login", "login_required", "redirect", "html", "user_agent")),
    "who_am_i": Trouble(variants=("id_html", "id_gone", "form_loop")),
    "dialog": Trouble(where=("any", "page"), variants=("cookie_de", "cookie_es", "notifications", "save_login_pt")),
    "suspicion": Trouble(ends=True, where=("json", "page", "login"), variants=("", "de", "es", "pt")),
    "consent": Trouble(ends=True, where=("json", "page", "login")),
    "empty_list": Trouble(variants=_LISTS),
    "limited_list": Trouble(variants=_LISTS),
    "short_list": Trouble(variants=_LISTS),
    "repeated_cursor": Trouble(variants=_LISTS),
    "barren_pages": Trouble(variants=_LISTS, most_times=8),
    "same_people": Trouble(variants=_LISTS, most_times=8),
    "duplicates": Trouble(variants=_LISTS, most_times=8),
    "reranked": Trouble(variants=_LISTS, most_times=30),
    "count_moves": Trouble(variants=("followers:+2", "followers:-3", "following:+1", "following:-2", "followers:+9")),
    "html_list": Trouble(variants=_LISTS),
    "wrong_ids": Trouble(variants=_LISTS, most_times=8),
    "has_more_lies": Trouble(variants=_LISTS, most_times=8),
    "route_gone": Trouble(variants=("rest", "graphql", "dialog")),
    "cut_off": Trouble(ends=True, variants=_LISTS, most_times=1),
    "nameless": Trouble(variants=_LISTS, most_times=8),
    "steady_gap": Trouble(variants=_LISTS, most_times=2),
    "hidden_likes": Trouble(variants=("", "minus_one", "absent"), most_times=8),
    "viewers_gone": Trouble(),
    "stories_empty": Trouble(),
    "media_html": Trouble(),
}
_SLOWEST_MS = 1500


@dataclass(frozen=True, slots=True)
class Order:
    """One fault as it is sent to the stand-in."""

    kind: str
    where: str
    variant: str
    status: int
    times: int
    ms: int
    after: int


class MachineFault(StrEnum):
    """What may happen to the processes in the middle of the work."""

    WORKER_KILLED = "worker_killed"
    WORKER_FROZEN = "worker_frozen"
    CONNECTIONS_CUT = "connections_cut"
    CHROMIUM_KILLED = "chromium_killed"
    DATABASE_STOPPED = "database_stopped"
    DATABASE_CRASHED = "database_crashed"


# How often each is drawn; the database needs seconds to come back.
WEIGHTS = {
    MachineFault.WORKER_KILLED: 4,
    MachineFault.WORKER_FROZEN: 3,
    MachineFault.CONNECTIONS_CUT: 4,
    MachineFault.CHROMIUM_KILLED: 4,
    MachineFault.DATABASE_STOPPED: 2,
    MachineFault.DATABASE_CRASHED: 2,
}


def kinds() -> list[str]:
    """The kinds that the stand-in knows today, but for the one that takes faults back."""
    return [kind.value for kind in FaultKind if kind is not FaultKind.CLEAR]


def draw(rng: Random) -> Order:
    """One fault of any kind, in any of its forms."""
    kind = rng.choice(kinds())
    trouble = TROUBLES.get(kind, Trouble())
    return Order(
        kind,
        rng.choice(trouble.where),
        rng.choice(trouble.variants),
        rng.choice(trouble.statuses),
        rng.randint(1, trouble.most_times),
        rng.randint(100, _SLOWEST_MS),
        rng.randint(0, trouble.most_after),
    )


def ends_connection(order: Order) -> bool:
    """Whether the profile may be disconnected by it; no one knows of a kind that is not listed."""
    return order.kind not in TROUBLES or TROUBLES[order.kind].ends


def place(url: str, username: str, order: Order) -> None:
    """Lets the fault come for one account."""
    control(url, "faults", username, asdict(order))


def clear(url: str, username: str) -> None:
    """Takes back what is still to come for one account."""
    control(url, "faults", username, {"kind": "clear"})


def pass_hours(url: str, username: str, hours: int) -> None:
    """Lets so many hours pass for one account."""
    control(url, "advance", username, {"hours": hours})


def control(url: str, what: str, username: str, body: dict[str, Any]) -> None:
    """Tells the stand-in something about one account; raises HTTPError when it refuses."""
    request = urllib.request.Request(
        f"{url}/_sandbox/{what}?account={username}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
