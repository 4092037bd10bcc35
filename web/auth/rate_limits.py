"""The limits on tries, and the sentence for a person who meets one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import request

from shared.store.users import rate_limits
from web.auth.session import database_before_sign_in
from web.http import client_address
from web.text.values import span
from web.translation import _


@dataclass(frozen=True, slots=True)
class Limit:
    """`allowed` tries in `window` for each value that it counts by."""

    name: str
    allowed: int
    window: timedelta


# Wrong passwords for one account from one address; guesses from other addresses do not lock its owner out.
SIGN_IN_PAIR = Limit("sign-in-pair", 8, timedelta(minutes=15))
# For the account alone, from any address: it slows a crowd down, and ends in a few minutes.
SIGN_IN_EMAIL = Limit("sign-in-email", 60, timedelta(minutes=5))
SIGN_IN_ADDRESS = Limit("sign-in-address", 60, timedelta(minutes=15))
SIGN_UP_ADDRESS = Limit("sign-up-address", 20, timedelta(hours=1))
SECOND_STEP_PAIR = Limit("second-step-pair", 8, timedelta(minutes=15))
SECOND_STEP = Limit("second-step", 20, timedelta(hours=1))
PASSWORD = Limit("password", 8, timedelta(minutes=15))
MAIL_EMAIL = Limit("mail-email", 5, timedelta(hours=1))
MAIL_ADDRESS = Limit("mail-address", 20, timedelta(hours=1))
LINK_ADDRESS = Limit("link-address", 12, timedelta(minutes=5))
# A provider sends from few addresses, and seldom more than one a second.
CALLBACK_ADDRESS = Limit("callback-address", 600, timedelta(minutes=10))
CONNECT = Limit("connect", 20, timedelta(hours=1))


def wait_for(*limits: tuple[Limit, str]) -> timedelta:
    """Counts one try under each (limit, who) and returns the longest wait; zero means go on."""
    with database_before_sign_in() as conn:
        return max(rate_limits.hit(conn, limit.name, who, limit.allowed, limit.window) for limit, who in limits)


def forget(limit: Limit, who: str) -> None:
    """Starts the count again after a successful try."""
    with database_before_sign_in() as conn:
        rate_limits.forget(conn, limit.name, who)


def address() -> str:
    """The address by which tries are counted without a known account; for IPv6 the network, as one home has it all."""
    return client_address.network(request.remote_addr)


def too_many(wait: timedelta) -> str:
    """The sentence with the length of the wait: at least a second, because "0 seconds" says nothing."""
    length = span(max(wait, timedelta(seconds=1)))
    return _("Too many tries. Wait %(length)s, then try again.", length=length)
