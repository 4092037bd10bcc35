"""Errors of official interfaces: tokens, scopes, quotas, reports."""

from datetime import datetime
from typing import Self

from shared.errors.effect import Effect, JobEffect
from shared.errors.platform import NeedsLogin, RateLimited
from shared.errors.tree import Permanent, Transient
from shared.messages import Message


class QuotaSpent(RateLimited):
    """A day's quota of the installation's app is used up until `until` (aware); connecting again changes nothing."""

    code = "quota_spent"
    sentence = Message("%(platform)s's daily quota for this installation is used up.")
    next_step = Message("Rollcall continues by itself when the quota begins again; nothing is wrong with the account.")
    effect = Effect(JobEffect.WAIT)
    cooldown_reason = Message("%(platform)s's daily quota for this installation is used up.")

    def of_quota(self, name: str) -> Self:
        """The same error with the name of the quota, which a page shows beside it."""
        self.params = {**self.params, "quota": name}
        return self


class Throttled(Transient):
    """Too many calls in a short time; it waits until `until` (aware) where the platform names a time."""

    code = "throttled"
    sentence = Message("%(platform)s asks for fewer calls in so short a time.")

    def __init__(self, sentence: str | None = None, *, until: datetime | None = None) -> None:
        self.until = until
        if until is not None:
            self.effect = Effect(JobEffect.WAIT)
        super().__init__(sentence)


class StaleCursor(Transient):
    """A page of a list is asked for by a mark that works no longer; the list is read from its beginning."""

    code = "stale_cursor"
    sentence = Message("%(platform)s no longer knows the place at which this list was left.")
    next_step = Message("Rollcall reads it from the beginning by itself.")
    effect = Effect(JobEffect.RETRY, of_one_list=True)


class AccessRevoked(NeedsLogin):
    """The platform takes the tokens no longer."""

    code = "access_revoked"
    sentence = Message("%(platform)s no longer accepts the access that you gave: it was withdrawn, or it has ended.")


class PageAccessLost(NeedsLogin):
    """The page by which an account is read is gone, or the login has no role on it any more."""

    code = "page_access_lost"
    sentence = Message("The Facebook page of this account is gone, or this login has no role on it any more.")
    next_step = Message("Get a role on the page, or link the account to another page of yours, then connect again.")


class PermissionMissing(Permanent):
    """The person did not give the permission that a reading needs; the others go on."""

    code = "permission_missing"
    sentence = Message("The permission for this was not given when the account was connected.")
    next_step = Message("Connect the account again and leave every permission ticked.")
    effect = Effect(of_one_list=True)


class ReportRefused(Permanent):
    """The platform does not give this figure to this profile; the others go on."""

    code = "report_refused"
    sentence = Message("%(platform)s does not give this figure for this account.")
    effect = Effect(of_one_list=True)
