"""What each error code of Supabase Auth means for the person who meets it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from shared.errors import AccountRefused
from web.wording import span


@dataclass(frozen=True, slots=True)
class Saying:
    """The sentence, what to do, and the field of the form that it belongs to."""

    sentence: str
    next_step: str = ""
    place: str = "form"


_SIGN_IN = "Sign in again."
_OPERATOR = "Ask whoever runs this installation."
_NEW_LINK = "Ask for a new one."
_OTHER_WAY = Saying("This account signs in by a way that Rollcall does not know.", _OPERATOR)
_SECOND_STEP = Saying("This account asks for a second step that Rollcall does not know.", _OPERATOR)
_FAULT = Saying("The service that keeps the accounts had a fault of its own.", "Try again in a moment.")
_LINK = Saying("This link is over, or was used already.", _NEW_LINK)
_LINK_ELSEWHERE = Saying("This link belongs to another browser, or to an earlier request.", _NEW_LINK)
_MAIL_NOT_TAKEN = Saying("No mail can be sent to this address.", "Check its spelling, or use another one.", "email")
_TAKEN = Saying("There is already an account with this e-mail.", "Sign in instead.", "email")
_GONE = Saying("This account is no longer there.", "Sign in with another one, or create it anew.")
_ENDED = Saying("Your sign-in was ended.", _SIGN_IN)
_CONFIRM = Saying("The e-mail address of this account is not confirmed yet.", "Open the link in the mail you got.")

SAYINGS: dict[str, Saying] = {
    "invalid_credentials": Saying("The e-mail or the password is wrong."),
    "email_not_confirmed": _CONFIRM,
    "phone_not_confirmed": _OTHER_WAY,
    "provider_email_needs_verification": _CONFIRM,
    "user_already_exists": _TAKEN,
    "email_exists": _TAKEN,
    "identity_already_exists": _TAKEN,
    "conflict": Saying("Two things were changed at once.", "Try again."),
    "weak_password": Saying("This password is too weak.", "Use a longer one.", "new_password"),
    "same_password": Saying("This is the password you have now.", "Choose another one.", "new_password"),
    "signup_disabled": Saying("This installation takes no new accounts.", _OPERATOR),
    "email_provider_disabled": Saying("Signing in with e-mail and password is switched off.", _OPERATOR),
    "email_address_invalid": _MAIL_NOT_TAKEN,
    "email_address_not_authorized": _MAIL_NOT_TAKEN,
    "user_banned": Saying("This account is blocked.", _OPERATOR),
    "user_not_found": _GONE,
    "identity_not_found": _GONE,
    "refresh_token_not_found": _ENDED,
    "refresh_token_already_used": Saying(
        "Your sign-in was ended because an old copy of it was used.",
        "If you did not restore an old browser or backup, change your password. " + _SIGN_IN,
    ),
    "session_expired": Saying("Your sign-in has come to its end.", _SIGN_IN),
    "session_not_found": _ENDED,
    "no_authorization": _ENDED,
    "bad_jwt": _ENDED,
    "invalid_jwt": _ENDED,
    "unexpected_audience": _ENDED,
    "reauthentication_needed": Saying("This needs a fresh sign-in.", "Sign out, sign in again, then try once more."),
    "reauthentication_not_valid": Saying("This needs a fresh sign-in.", "Sign out, sign in again, then try once more."),
    "reauth_nonce_missing": Saying("This needs a fresh sign-in.", "Sign out, sign in again, then try once more."),
    "otp_expired": _LINK,
    "otp_disabled": _LINK,
    "invite_not_found": _LINK,
    "flow_state_not_found": _LINK_ELSEWHERE,
    "flow_state_expired": _LINK,
    "bad_code_verifier": _LINK_ELSEWHERE,
    "over_request_rate_limit": Saying("Too many tries from here."),
    "over_email_send_rate_limit": Saying("Too many mails were asked for."),
    "over_sms_send_rate_limit": Saying("Too many messages were asked for."),
    "validation_failed": Saying("This cannot be used.", "Check what you entered."),
    "captcha_failed": Saying("This project asks for a captcha, which Rollcall cannot show.", _OPERATOR),
    "not_admin": Saying("This is not allowed.", _OPERATOR),
    "user_sso_managed": Saying("This account is managed by your organisation.", "Change it there."),
}
_GROUPS = {
    _FAULT: (
        "unexpected_failure bad_json request_timeout hook_timeout hook_timeout_after_retry "
        "hook_payload_over_size_limit hook_payload_invalid_content_type"
    ),
    _SECOND_STEP: (
        "insufficient_aal too_many_enrolled_mfa_factors mfa_factor_name_conflict mfa_factor_not_found "
        "mfa_ip_address_mismatch mfa_challenge_expired mfa_verification_failed mfa_verification_rejected "
        "mfa_phone_enroll_not_enabled mfa_phone_verify_not_enabled mfa_totp_enroll_not_enabled "
        "mfa_totp_verify_not_enabled mfa_webauthn_enroll_not_enabled mfa_webauthn_verify_not_enabled "
        "mfa_verified_factor_exists"
    ),
    _OTHER_WAY: (
        "phone_exists phone_provider_disabled sms_send_failed provider_disabled oauth_provider_not_supported "
        "bad_oauth_state bad_oauth_callback anonymous_provider_disabled manual_linking_disabled "
        "single_identity_not_deletable email_conflict_identity_not_deletable saml_provider_disabled "
        "saml_relay_state_not_found saml_relay_state_expired saml_idp_not_found saml_assertion_no_user_id "
        "saml_assertion_no_email saml_metadata_fetch_failed saml_idp_already_exists saml_entity_id_mismatch "
        "sso_provider_not_found sso_domain_already_exists"
    ),
}
SAYINGS |= {code: saying for saying, codes in _GROUPS.items() for code in codes.split()}

# After these nothing brings the session back; anything else may pass.
ENDING = frozenset(
    (
        "refresh_token_not_found",
        "refresh_token_already_used",
        "session_expired",
        "session_not_found",
        "user_banned",
        "user_not_found",
        "bad_jwt",
        "invalid_jwt",
        "unexpected_audience",
    )
)
_WEAK = {
    "length": "It is too short.",
    "characters": "It lacks a kind of character that is asked for here, such as a digit or a capital letter.",
    "pwned": "It is in a list of passwords that have leaked.",
}
_AFTER = re.compile(r"after (\d+) seconds?")
_CALLS = timedelta(minutes=5)
_MAILS = timedelta(hours=1)


def refusal(code: str, message: str = "", reasons: tuple[str, ...] = ()) -> AccountRefused:
    """The error for a code of Supabase Auth; a code that is not known here is called a fault of the service."""
    saying = SAYINGS.get(code, _FAULT)
    if reasons:
        told = " ".join(_WEAK[reason] for reason in reasons if reason in _WEAK)
        return AccountRefused(f"{saying.sentence} {told}".strip(), reason=code, place=saying.place)
    if code.startswith("over_"):
        wait = _wait(code, message)
        return AccountRefused(saying.sentence, next_step=f"Wait {span(wait)}, then try again.", reason=code, wait=wait)
    return AccountRefused(saying.sentence, next_step=saying.next_step, reason=code, place=saying.place)


def _wait(code: str, message: str) -> timedelta:
    """What Supabase names, else the whole span that it counts in: afterwards there is room again."""
    if named := _AFTER.search(message):
        return timedelta(seconds=int(named[1]))
    return _CALLS if code == "over_request_rate_limit" else _MAILS
