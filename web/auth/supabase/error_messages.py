"""Translates each error code of Supabase Auth for the person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from shared.errors import AccountRefused
from shared.messages import Message
from web.text.values import span
from web.translation import _, translate


@dataclass(frozen=True, slots=True)
class Saying:
    """The sentence, the next step, and the form's field."""

    sentence: str
    next_step: str = ""
    place: str = "form"


_SIGN_IN = Message("Sign in again.")
_OPERATOR = Message("Ask the operator of this installation.")
_NEW_LINK = Message("Ask for a new one.")
_OTHER_WAY = Saying(Message("This account signs in by a way that Rollcall does not know."), _OPERATOR)
_SECOND_STEP = Saying(Message("This account asks for a second step that Rollcall does not know."), _OPERATOR)
_CODE = Saying(Message("This code is wrong."), Message("Wait for the next one, then enter that."), "code")
_CODE_LATE = Saying(Message("This code has expired."), Message("Enter the one that is shown now."), "code")
_FAULT = Saying(Message("The account service had an internal error."), Message("Try again in a moment."))
_WRONG_NOW = Saying(Message("This is not your password."), "", "old_password")
_NOT_SETUP = Saying(Message("The project asks for something that Rollcall has no page for."), _OPERATOR)
_LINK = Saying(Message("This link has expired, or was used already."), _NEW_LINK)
_LINK_ELSEWHERE = Saying(Message("This link belongs to another browser, or to an earlier request."), _NEW_LINK)
_MAIL_NOT_TAKEN = Saying(
    Message("No mail can be sent to this address."), Message("Check its spelling, or use another one."), "email"
)
_TAKEN = Saying(Message("There is already an account with this e-mail."), Message("Sign in instead."), "email")
_GONE = Saying(Message("This account no longer exists."), Message("Sign in with another one, or create it again."))
_ENDED = Saying(Message("Your sign-in was ended."), _SIGN_IN)
_CONFIRM = Saying(
    Message("The e-mail address of this account is not confirmed yet."), Message("Open the link in the mail you got.")
)

SAYINGS: dict[str, Saying] = {
    "invalid_credentials": Saying(Message("The e-mail or the password is wrong.")),
    "email_not_confirmed": _CONFIRM,
    "phone_not_confirmed": _OTHER_WAY,
    "provider_email_needs_verification": _CONFIRM,
    "user_already_exists": _TAKEN,
    "email_exists": _TAKEN,
    "identity_already_exists": _TAKEN,
    "conflict": Saying(Message("Two things were changed at once."), Message("Try again.")),
    "weak_password": Saying(Message("This password is too weak."), Message("Use a longer one."), "new_password"),
    "same_password": Saying(
        Message("This is the password you have now."), Message("Choose another one."), "new_password"
    ),
    "signup_disabled": Saying(Message("This installation takes no new accounts."), _OPERATOR),
    "email_provider_disabled": Saying(Message("Signing in with e-mail and password is switched off."), _OPERATOR),
    "email_address_invalid": _MAIL_NOT_TAKEN,
    "email_address_not_authorized": _MAIL_NOT_TAKEN,
    "user_banned": Saying(Message("This account is blocked."), _OPERATOR),
    "user_not_found": _GONE,
    "identity_not_found": _GONE,
    "refresh_token_not_found": _ENDED,
    "refresh_token_already_used": Saying(
        Message("Your sign-in was ended because an old copy of it was used."),
        Message("If you did not restore an old browser or backup, change your password. Sign in again."),
    ),
    "session_expired": Saying(Message("Your sign-in has come to its end."), _SIGN_IN),
    "session_not_found": _ENDED,
    "no_authorization": _ENDED,
    "bad_jwt": _ENDED,
    "invalid_jwt": _ENDED,
    "unexpected_audience": _ENDED,
    "reauthentication_needed": Saying(
        Message("This needs a fresh sign-in."), Message("Sign out, sign in again, then try once more.")
    ),
    "reauthentication_not_valid": Saying(
        Message("This needs a fresh sign-in."), Message("Sign out, sign in again, then try once more.")
    ),
    "reauth_nonce_missing": Saying(
        Message("This needs a fresh sign-in."), Message("Sign out, sign in again, then try once more.")
    ),
    "current_password_required": Saying(Message("Enter the password you have now as well."), "", "old_password"),
    "current_password_invalid": _WRONG_NOW,
    "otp_expired": _LINK,
    "otp_disabled": _LINK,
    "invite_not_found": _LINK,
    "flow_state_not_found": _LINK_ELSEWHERE,
    "flow_state_expired": _LINK,
    "flow_state_already_used": _LINK,
    "bad_code_verifier": _LINK_ELSEWHERE,
    "over_request_rate_limit": Saying(Message("Too many tries from here.")),
    "over_email_send_rate_limit": Saying(Message("Too many mails were asked for.")),
    "over_sms_send_rate_limit": Saying(Message("Too many messages were asked for.")),
    "validation_failed": Saying(Message("This cannot be used."), Message("Check what you entered.")),
    "request_entity_too_large": Saying(
        Message("This is more than the sign-in service takes."), Message("Enter something shorter.")
    ),
    "email_address_not_provided": Saying(Message("An e-mail address is needed."), Message("Enter yours."), "email"),
    "mfa_verification_failed": _CODE,
    "mfa_verification_rejected": Saying(
        Message("The project refused this second step, and ended your sign-ins."), _SIGN_IN
    ),
    "mfa_challenge_expired": _CODE_LATE,
    "mfa_ip_address_mismatch": Saying(Message("The second step began at another network address."), _SIGN_IN),
    "mfa_factor_not_found": Saying(Message("This second factor no longer exists."), _SIGN_IN),
    "insufficient_aal": Saying(
        Message("This needs the second step of your sign-in."), Message("Sign out, sign in again, then try again.")
    ),
    "captcha_failed": Saying(Message("This project asks for a captcha, which Rollcall cannot show."), _OPERATOR),
    "not_admin": Saying(Message("This is not allowed."), _OPERATOR),
    "user_sso_managed": Saying(Message("This account is managed by your organisation."), Message("Change it there.")),
}
_GROUPS = {
    _FAULT: (
        "unknown unexpected_failure bad_json request_timeout hook_timeout hook_timeout_after_retry "
        "hook_payload_over_size_limit hook_payload_invalid_content_type"
    ),
    _SECOND_STEP: (
        "too_many_enrolled_mfa_factors mfa_factor_name_conflict mfa_verified_factor_exists "
        "mfa_phone_enroll_not_enabled mfa_phone_verify_not_enabled mfa_totp_enroll_not_enabled "
        "mfa_totp_verify_not_enabled mfa_webauthn_enroll_not_enabled mfa_webauthn_verify_not_enabled"
    ),
    _OTHER_WAY: (
        "phone_exists phone_provider_disabled sms_send_failed provider_disabled oauth_provider_not_supported "
        "bad_oauth_state bad_oauth_callback anonymous_provider_disabled manual_linking_disabled "
        "single_identity_not_deletable email_conflict_identity_not_deletable saml_provider_disabled "
        "saml_relay_state_not_found saml_relay_state_expired saml_idp_not_found saml_assertion_no_user_id "
        "saml_assertion_no_email saml_metadata_fetch_failed saml_idp_already_exists saml_entity_id_mismatch "
        "sso_provider_not_found sso_provider_disabled sso_domain_already_exists web3_provider_disabled "
        "web3_unsupported_chain oauth_client_state_not_found oauth_client_state_expired oauth_invalid_state "
        "custom_provider_not_found passkey_disabled too_many_passkeys webauthn_credential_not_found "
        "webauthn_challenge_not_found webauthn_challenge_expired webauthn_verification_failed "
        "webauthn_credential_exists"
    ),
    _NOT_SETUP: (
        "feature_disabled oauth_dynamic_client_registration_disabled oauth_client_not_found "
        "oauth_authorization_not_found oauth_consent_not_found over_custom_provider_quota"
    ),
}
SAYINGS |= {code: saying for saying, codes in _GROUPS.items() for code in codes.split()}

# The session is lost for good after these; other errors may pass.
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
    "length": Message("It is too short."),
    "characters": Message("It lacks a kind of character that is asked for here, such as a digit or a capital letter."),
    "pwned": Message("It is in a list of passwords that have leaked."),
}
_AFTER = re.compile(r"after (\d+) seconds?")
_CODE_FORM = re.compile(r"[a-z0-9_]{1,60}")
_WAITS = frozenset(("over_request_rate_limit", "over_email_send_rate_limit", "over_sms_send_rate_limit"))
_FIELDS = (
    (("email", "e-mail"), _MAIL_NOT_TAKEN),
    (("password",), Saying(Message("This password cannot be used."), Message("Choose another one."), "new_password")),
    (
        ("code needs", "totp", "mfa code"),
        Saying(Message("This is not a code."), Message("Enter the six digits."), "code"),
    ),
)
_CALLS = timedelta(minutes=5)
_MAILS = timedelta(hours=1)


def saying_of(code: str) -> Saying:
    """The sentence for a code; an unknown code is named, and nothing is promised."""
    if code in SAYINGS:
        return SAYINGS[code]
    if _CODE_FORM.fullmatch(code):
        return Saying(Message("The sign-in service refused this (code %(code)s).", code=code), _OPERATOR)
    return Saying(Message("The sign-in service refused this and gave no readable reason."), _OPERATOR)


def refusal(code: str, message: str = "", reasons: tuple[str, ...] = ()) -> AccountRefused:
    """The error for a code of Supabase Auth, with its field and the length of the wait."""
    saying = saying_of(code)
    if reasons:
        sentences = (saying.sentence, *(_WEAK[reason] for reason in reasons if reason in _WEAK))
        return AccountRefused(" ".join(map(translate, sentences)), reason=code, place=saying.place)
    if code in _WAITS:
        wait = _wait(code, message)
        step = _("Wait %(length)s, then try again.", length=span(wait))
        return AccountRefused(saying.sentence, next_step=step, reason=code, wait=wait)
    if code == "validation_failed" and (by_field := _field_of(message)):
        saying = by_field
    return AccountRefused(saying.sentence, next_step=saying.next_step, reason=code, place=saying.place)


def _field_of(message: str) -> Saying | None:
    """The field of a general refusal, found by Auth's constant words for it."""
    lower = message.lower()
    return next((saying for words, saying in _FIELDS if any(one in lower for one in words)), None)


def _wait(code: str, message: str) -> timedelta:
    """The wait that Supabase names, at least a second, else the whole span of its limit."""
    if named := _AFTER.search(message):
        return timedelta(seconds=max(int(named[1]), 1))
    return _CALLS if code == "over_request_rate_limit" else _MAILS
