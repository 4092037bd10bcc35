"""The second step of a login, whichever page asks for it: the ways of a code, and its verification."""

import time
from enum import StrEnum

from sandbox.instagram.answers import Json
from sandbox.instagram.sessions import Challenge
from sandbox.instagram.site import TwoStep, site

from .account import Account, TwoFactor, Via

_MAX_MESSAGES = 2


class Way(StrEnum):
    """The way of a code, as the encrypted page's call names it."""

    TOTP = "TOTP"
    SMS = "SMS"
    WHATSAPP = "WHATSAPP"
    BACKUP_CODE = "BACKUP_CODE"


def begin(account: Account) -> Json:
    """Open a challenge, send the code that is sent unasked, and return what the page learns of it."""
    challenge = Challenge(account.username)
    if account.first_message is not None:
        send(account, challenge, account.first_message)
    return info(account, challenge)


def send(account: Account, challenge: Challenge, via: Via) -> bool:
    """Send a code and void the one before; False if there were too many messages, or it is too soon after the last."""
    soonest = challenge.sent_at + site().door.resend_seconds
    if challenge.messages and (challenge.messages >= _MAX_MESSAGES or time.monotonic() < soonest):
        return False
    challenge.code, challenge.via = account.send(via, site().calendar_iso()), via
    challenge.sent_at, challenge.messages = time.monotonic(), challenge.messages + 1
    return True


def info(account: Account, challenge: Challenge) -> Json:
    """Return ``two_factor_info`` with a new identifier, or, for the newer page, a new encrypted context."""
    ending, encrypted = account.phone[-4:], site().door.two_step is TwoStep.ENCRYPTED
    identifier = site().challenges.start(challenge)
    return {
        "pk": account.user_id,
        "username": account.username,
        "sms_two_factor_on": account.sms_is_on,
        "whatsapp_two_factor_on": account.whatsapp_is_on,
        "totp_two_factor_on": account.two_factor is TwoFactor.TOTP,
        "obfuscated_phone_number": ending,
        "obfuscated_phone_number_2": f"+** *** ***{ending[:2]} {ending[2:]}",
        "two_factor_identifier": "" if encrypted else identifier,
        **({"encrypted_context": identifier} if encrypted else {}),
        "show_messenger_code_option": False,
        "show_trusted_device_option": False,
        "phone_verification_settings": {
            "max_sms_count": _MAX_MESSAGES,
            "resend_sms_delay_sec": site().door.resend_seconds,
        },
    }


def is_good(account: Account, challenge: Challenge, way: Way, entered: str) -> bool:
    """Whether this is the code of that way; a backup code is used up by it."""
    code = entered.replace(" ", "")
    if way is Way.TOTP:
        return account.accepts_totp(code)
    if way is Way.BACKUP_CODE:
        return account.spend_backup_code(code)
    return challenge.via is Via(way.value.lower()) and code == challenge.code
