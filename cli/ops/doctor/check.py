"""The result of one check of `rollcall doctor`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shared.settings import Settings

Word = Literal["ok", "WRONG", "MISSING", "not tried"]


@dataclass(frozen=True, slots=True)
class Check:
    """`mend` is the remedy: required where `ok` is false, advice where it is true.

    `wrong` separates an unsuitable part from a missing one; `tried` is false where nothing was checked.
    """

    name: str
    ok: bool
    says: str
    mend: str = ""
    wrong: bool = False
    tried: bool = True

    @property
    def word(self) -> Word:
        """One word for the result: wrong is not missing, and an untried check is not well."""
        if not self.ok:
            return "WRONG" if self.wrong else "MISSING"
        return "ok" if self.tried else "not tried"


Look = Callable[[Settings], Check]


def leave_out(name: str, why: str, mend: str = "") -> Check:
    """A check that was not made, for this reason; it is no fault."""
    return Check(name, True, why, mend, tried=False)


def wrong(name: str, says: str, mend: str = "") -> Check:
    """A part that exists and is not suitable."""
    return Check(name, False, says, mend, wrong=True)
