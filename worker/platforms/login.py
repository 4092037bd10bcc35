"""What passes between a login in a browser and the jobs: what was entered, questions, and the answers to them."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Protocol

from shared.domain.jobs import CodeMethod, InputRequest


@dataclass(frozen=True, slots=True)
class LoginDetails:
    """What the person entered; used once and kept nowhere."""

    username: str
    password: str = field(repr=False)
    totp_secret: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody else may ever see."""
        return tuple(filter(None, (self.password, self.totp_secret)))


@dataclass(frozen=True, slots=True)
class CodeReply:
    """What the person answered: a code, another way to have one, another message, or that an approval was given.

    Nothing of these when the answer could not be used.
    """

    code: str | None = field(default=None, repr=False)
    method: CodeMethod | None = None
    resend: bool = False
    done: bool = False

    @classmethod
    def from_json(cls, answer: object) -> CodeReply:
        """The reply of an opened answer (`InputRequest` says its forms); raises ValueError or KeyError on others."""
        if not isinstance(answer, dict):
            raise ValueError("an answer is an object")
        if "method" in answer:
            return cls(method=CodeMethod(answer["method"]))
        if answer.get("resend") is True or answer.get("done") is True:
            return cls(resend=answer.get("resend") is True, done=answer.get("done") is True)
        return cls(code=str(answer["code"]))


class Ask(Protocol):
    """Asks the person. An empty reply comes once `moved` is done: the page went on without one."""

    def __call__(self, request: InputRequest, moved: Future[None] | None = None) -> Awaitable[CodeReply]: ...
