"""The interface of all ways to send a mail: a mail goes in, and an error says whether to try again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from shared.errors import RollcallError

# Control characters, Unicode's further line ends, and halves of a surrogate pair, which no encoding takes.
_UNPRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_UNSENT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]+")


def one_line(text: str) -> str:
    """Returns the text for a header: one line, with one space for each run of unreadable characters."""
    return _UNPRINTED.sub(" ", text).strip()


def plain(text: str) -> str:
    """Returns the text for a body: line ends and tabs stay, other control characters and halves of a pair go."""
    return _UNSENT.sub("", text)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in plain text. `key` is the same whenever the same letter is sent again."""

    to: str = field(repr=False)
    subject: str
    text: str
    key: str


class MailFailed(RollcallError):
    """The mail was certainly not sent; `permanent` when trying again would change nothing."""

    code: ClassVar[str] = "mail_failed"
    sentence = "The mail was not sent."
    next_step = "Look at the mail settings."

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(f"The mail was not sent ({code}).")
        self.reason = code
        self.permanent = permanent


class MailUnsure(RollcallError):
    """The connection broke after the letter was sent off; it may have arrived."""

    code: ClassVar[str] = "mail_unsure"
    sentence = "The mail may have been sent or not."


class Sender(Protocol):
    async def send(self, letter: Letter) -> None:
        """Raises MailFailed or MailUnsure."""
        ...
