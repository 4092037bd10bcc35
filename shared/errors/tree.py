"""The roots of the error tree, and the errors that belong to no family."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from shared.error_variants import VARIANTS
from shared.errors.effect import Effect, JobEffect
from shared.messages import Message, Sentences, with_values


class RollcallError(Exception):
    """Base of all: `code` is stable and safe to store, `sentence` says what happened, `next_step` what to do.

    What is stored is the code with `params`; `shared/error_text.py` makes sentences of them when they are shown.
    Neither holds a secret. `effect` is what happens next.
    `cooldown_reason` says why a profile is in a cool-down, where the error brings one; a job that waits does so until
    `until` (aware).
    """

    code: ClassVar[str] = "error"
    sentence: str = Message("Something went wrong.")
    next_step: str = Message("Try again; if it stays, look at the log.")
    effect: Effect = Effect()
    cooldown_reason: ClassVar[str] = ""
    until: datetime | None = None

    def __init__(self, sentence: str | None = None, *, next_step: str | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        if next_step is not None:
            self.next_step = next_step
        own = sentence is not None or next_step is not None or "code" not in type(self).__dict__
        self.params: Mapping[str, Any] = {"sentence": self.sentence, "next_step": self.next_step} if own else {}
        super().__init__(self.message)

    def as_variant(self, variant: str, **values: Any) -> Self:
        """The same error with the sentences of a variant (`shared/error_variants.py`) and the values in them."""
        sentence, next_step = VARIANTS[self.code][variant]
        self.sentence = with_values(sentence, **values)
        self.next_step = type(self).next_step if next_step is None else with_values(next_step, **values)
        self.params = {"variant": variant, **values}
        self.args = (self.message,)
        return self

    @property
    def message(self) -> str:
        """Both sentences, as a page shows them."""
        return Sentences(self.sentence, self.next_step)


class ConfigError(RollcallError):
    code = "config"
    next_step = ""


class PortTaken(ConfigError):
    """The port is already in use."""

    code = "port_taken"


class DatabaseError(RollcallError):
    code = "database"
    sentence = Message("The database cannot be used.")
    next_step = Message("Run `rollcall doctor` to see what is missing.")
    effect = Effect(JobEffect.RETRY)


class InputError(RollcallError):
    code = "input"
    sentence = Message("This cannot be used.")
    next_step = ""


class TooManyJobs(RollcallError):
    code = "too_many_jobs"
    sentence = Message("Too many of your jobs are waiting.")
    next_step = Message("Wait until some are done, or cancel some on the Activity page.")


class JobError(RollcallError):
    """Base of all errors that a handler may raise."""

    code = "job"


class Transient(JobError):
    code = "transient"
    sentence = Message("A temporary error.")
    next_step = Message("Rollcall tries again by itself.")
    effect = Effect(JobEffect.RETRY)


class Permanent(JobError):
    code = "permanent"
    next_step = ""


class Interrupted(RollcallError):
    """Not a failure: someone else decides how the job continues."""

    code = "interrupted"
    next_step = ""


class LeaseLost(Interrupted):
    code = "lease_lost"
    sentence = Message("Another worker took over this job.")
    effect = Effect(JobEffect.LEAVE)


class Cancelled(Interrupted):
    code = "cancelled"
    sentence = Message("Cancelled.")
    effect = Effect(JobEffect.CANCEL)


class Draining(Interrupted):
    code = "draining"
    sentence = Message("The worker is shutting down; the job continues later where it stopped.")
    effect = Effect(JobEffect.PUT_BACK)


def kinds() -> Iterator[type[RollcallError]]:
    """Every class of the tree, from the root down."""
    found = [RollcallError]
    for kind in found:
        found += kind.__subclasses__()
    yield from found


def with_code(code: str) -> type[RollcallError] | None:
    """The class of a stored code; None for a code without a class."""
    return next((kind for kind in kinds() if kind.code == code), None)
