"""The roots of the error tree, and the errors that belong to no family."""

from typing import ClassVar


class RollcallError(Exception):
    """Base of all: `code` is stable and safe to store, `sentence` says what happened, `next_step` what to do.

    Sentences are shown to the person as they are and never hold a secret.
    """

    code: ClassVar[str] = "error"
    sentence: str = "Something went wrong."
    next_step: str = "Try again; if it stays, look at the log."

    def __init__(self, sentence: str | None = None, *, next_step: str | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        if next_step is not None:
            self.next_step = next_step
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """Both sentences, as they are stored with a job and shown on a page."""
        return f"{self.sentence} {self.next_step}".strip()


class ConfigError(RollcallError):
    code = "config"
    next_step = ""


class PortTaken(ConfigError):
    """Somebody listens there already."""

    code = "port_taken"


class DatabaseError(RollcallError):
    code = "database"
    sentence = "The database cannot be used."
    next_step = "Run `rollcall doctor` to see what is missing."


class InputError(RollcallError):
    code = "input"
    sentence = "This cannot be used."
    next_step = ""


class TooManyJobs(RollcallError):
    code = "too_many_jobs"
    sentence = "Too much of your work is waiting already."
    next_step = "Wait until some of it is done, or cancel some on the Activity page."


class JobError(RollcallError):
    """What a handler may raise; the loop asks the type what becomes of the job."""

    code = "job"


class Transient(JobError):
    code = "transient"
    sentence = "A passing fault."
    next_step = "Rollcall tries again by itself."


class Permanent(JobError):
    code = "permanent"
    next_step = ""


class Interrupted(RollcallError):
    """Not a failure: somebody else decides what becomes of the job."""

    code = "interrupted"
    next_step = ""


class LeaseLost(Interrupted):
    code = "lease_lost"
    sentence = "Another worker has taken over this job."


class Cancelled(Interrupted):
    code = "cancelled"
    sentence = "Cancelled."


class Draining(Interrupted):
    code = "draining"
    sentence = "The worker is shutting down; the job continues later where it stopped."
