"""Errors of signing in, and of the service that keeps the accounts."""

from datetime import timedelta

from shared.errors.tree import RollcallError
from shared.messages import Message


class AccountError(RollcallError):
    code = "account"
    sentence = Message("The account service refused this.")
    next_step = Message("Try again in a moment.")


class AccountRefused(AccountError):
    """`reason` is the identity provider's code, `place` the form's field, `wait` the time until the next try."""

    code = "account_refused"

    def __init__(
        self,
        sentence: str,
        *,
        next_step: str = "",
        reason: str = "",
        place: str = "form",
        wait: timedelta | None = None,
    ) -> None:
        self.reason, self.place, self.wait = reason, place, wait
        super().__init__(sentence, next_step=next_step)


class AccountsAway(AccountError):
    code = "accounts_away"
    sentence = Message("The account service does not answer.")
    next_step = Message("Nothing is lost. Try again in a moment.")


class SessionOver(AccountError):
    code = "session_over"
    sentence = Message("Your sign-in has ended.")
    next_step = Message("Sign in again.")
