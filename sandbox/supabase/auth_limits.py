"""Auth's limits: answers per address, and mails."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor

from sandbox.supabase.auth_answers import Refusal

_SPAN = timedelta(minutes=5)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The project's numbers: each for five minutes and one network address; mails for an hour and all callers."""

    token_refresh: int = 150
    sign_in_sign_up: int = 30
    verify: int = 30
    email_sent: int = 2
    between_mails: timedelta = timedelta(seconds=60)


@dataclass(slots=True)
class Counter:
    """The recent requests."""

    limits: Limits
    _calls: dict[tuple[str, str], deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    _mails: deque[datetime] = field(default_factory=deque)
    _last_mail: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def call(self, what: str, allowed: int, address: str, now: datetime) -> None:
        """Counts a call and refuses one too many."""
        calls = self._calls[what, address]
        _forget(calls, now - _SPAN)
        if len(calls) >= allowed:
            raise Refusal(429, "over_request_rate_limit", "Request rate limit reached")
        calls.append(now)

    def mail(self, kind: str, email: str, now: datetime) -> None:
        """Counts a mail and refuses one that comes too soon, or one too many in an hour."""
        last = self._last_mail.get((kind, email))
        if last is not None and now < last + self.limits.between_mails:
            left = floor((last + self.limits.between_mails - now).total_seconds())
            said = f"For security purposes, you can only request this after {left} seconds."
            raise Refusal(429, "over_email_send_rate_limit", said)
        _forget(self._mails, now - _HOUR)
        if len(self._mails) >= self.limits.email_sent:
            raise Refusal(429, "over_email_send_rate_limit", "email rate limit exceeded")
        self._mails.append(now)
        self._last_mail[kind, email] = now


def _forget(times: deque[datetime], before: datetime) -> None:
    while times and times[0] <= before:
        times.popleft()
