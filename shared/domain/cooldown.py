"""Length of a profile's cool-down after the platform objected: hours, and longer with each repetition. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from shared.domain.jobs import JobKind
from shared.errors import RollcallError, kinds
from shared.errors.effect import CooldownEffect

# After a 429, feedback or a challenge: stop, and cool down for hours (docs/platforms/instagram.md, IG-9.4).
_GROWTH = (1, 3, 6)
_AFTER_SUSPICION = timedelta(days=3)
RESET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cooldown:
    """A cool-down of the whole profile and the code of its cause; `objected`: the platform objected."""

    code: str
    length: timedelta
    objected: bool = True


def escalate(base: timedelta, nth: int) -> timedelta:
    """The length of the `nth` cool-down in a row (1 is the first); a day without one (CALM) starts the row again."""
    return base * _GROWTH[min(max(nth, 1), len(_GROWTH)) - 1]


def codes_ended_by_login() -> list[str]:
    """Codes of the causes that are over once the person answered and logged in again. A limit or a warning is not."""
    return sorted({kind.code for kind in kinds() if kind.effect.cooldown is CooldownEffect.UNTIL_ANSWERED})


def cooldown_after(error: Exception, kind: JobKind, *, nth: int, base: timedelta) -> Cooldown | None:
    """The cool-down that an error brings, or None; a rate limit's own longer wait comes on top.

    An account that the platform has limited gets the longest cool-down at once. A challenge at the login brings none,
    because the person answers it there.
    """
    if not isinstance(error, RollcallError):
        return None
    match error.effect.cooldown:
        case CooldownEffect.OWN_LIMIT:
            return Cooldown(error.code, timedelta(0), objected=False)
        case CooldownEffect.GROWING:
            return Cooldown(error.code, escalate(base, nth))
        case CooldownEffect.UNTIL_ANSWERED:
            return None if kind is JobKind.LOGIN else Cooldown(error.code, escalate(base, nth))
        case CooldownEffect.LONGEST:
            return Cooldown(error.code, escalate(base, len(_GROWTH)))
        case CooldownEffect.DAYS:
            return Cooldown(error.code, _AFTER_SUSPICION * max(nth, 1))
        case CooldownEffect.NONE:
            return None
        case _:
            assert_never(error.effect.cooldown)
