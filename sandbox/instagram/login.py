"""The calls of the login and two-factor pages, with the site's bodies and statuses."""

import re
import secrets

from flask import Blueprint, Response, request

from .account import Account, TwoFactor
from .answers import Json, fail, reply
from .cookies import give_session
from .faults import FaultKind, Where
from .guard import check_login_call
from .sessions import Challenge
from .site import site

blueprint = Blueprint("login", __name__, url_prefix="/api/v1/web/accounts")
blueprint.before_request(check_login_call)

_PASSWORD = re.compile(r"#PWD_INSTAGRAM_BROWSER:0:\d{10}:(.*)", re.DOTALL)
_BY_SMS, _BY_BACKUP_CODE, _BY_TOTP = "1", "2", "3"
_GENERIC: Json = {
    "errors": {"error": ["Sorry, there was a problem with your request."]},
    "status": "ok",
    "error_type": "generic_request_error",
}


@blueprint.post("/login/ajax/")
def log_in() -> Response:
    """Judge username and password; every outcome has the body of the real site."""
    account = site().account
    username = request.form.get("username", "").strip().lower()
    password = _PASSWORD.fullmatch(request.form.get("enc_password", ""))
    if password is None or not username:
        return reply(_GENERIC)
    if username != account.username:
        return reply({"authenticated": False, "user": False, "status": "ok"})
    if password[1] != account.password:
        return reply({"authenticated": False, "user": True, "status": "ok"})
    return _stopped(account) or _second_step(account)


@blueprint.post("/login/ajax/two_factor/")
def answer_challenge() -> Response:
    """Judge a code; the challenge stays open after a wrong one."""
    account, identifier = site().account, request.form.get("identifier", "")
    challenge = site().challenges.find(identifier, request.form.get("username", ""))
    if challenge is None:
        return fail(400, "This request is no longer valid. Log in again.", error_type="invalid_identifier")
    method = request.form.get("verification_method", "")
    code = request.form.get("verificationCode", "").replace(" ", "")
    if not _is_good(account, challenge, method, code):
        error = "sms_code_validation_failed" if method == _BY_SMS else "invalid_verficaition_code"
        return fail(400, "Please check the security code and try again.", error_type=error)
    site().challenges.close(identifier)
    return _stopped(account) or _logged_in(account)


@blueprint.post("/send_two_factor_login_sms/")
def send_sms() -> Response:
    """Send another code; the answer carries a new identifier and the old one is void."""
    account, identifier = site().account, request.form.get("identifier", "")
    challenge = site().challenges.find(identifier, request.form.get("username", ""))
    if challenge is None or not account.sms_is_on:
        return fail(400, "This request is no longer valid. Log in again.", error_type="invalid_identifier")
    site().challenges.close(identifier)
    challenge.sms_code = account.send_sms(site().calendar_iso())
    return reply({"two_factor_required": True, "two_factor_info": _info(account, challenge), "status": "ok"})


def _stopped(account: Account) -> Response | None:
    """Return the answer that sends the browser elsewhere, None when nothing stands in the way."""
    faults = site().faults
    if faults.take(FaultKind.SUSPENDED, Where.LOGIN):
        return fail(400, "checkpoint_required", checkpoint_url="/accounts/suspended/", lock=True)
    if faults.take(FaultKind.CHECKPOINT, Where.LOGIN):
        path = f"/challenge/{account.user_id}/{secrets.token_urlsafe(8)}/"
        return fail(400, "checkpoint_required", checkpoint_url=path, lock=False)
    return None


def _second_step(account: Account) -> Response:
    if account.two_factor is TwoFactor.NONE:
        return _logged_in(account)
    challenge = Challenge(account.username)
    if account.two_factor is TwoFactor.SMS:
        challenge.sms_code = account.send_sms(site().calendar_iso())
    return fail(
        400, "", two_factor_required=True, two_factor_info=_info(account, challenge), error_type="two_factor_required"
    )


def _info(account: Account, challenge: Challenge) -> Json:
    ending = account.phone[-4:]
    return {
        "pk": account.user_id,
        "username": account.username,
        "sms_two_factor_on": account.sms_is_on,
        "whatsapp_two_factor_on": False,
        "totp_two_factor_on": account.two_factor is TwoFactor.TOTP,
        "obfuscated_phone_number": ending,
        "obfuscated_phone_number_2": f"+** *** ***{ending[:2]} {ending[2:]}",
        "two_factor_identifier": site().challenges.start(challenge),
        "show_messenger_code_option": False,
        "show_trusted_device_option": False,
        "phone_verification_settings": {"max_sms_count": 2, "resend_sms_delay_sec": 60},
    }


def _is_good(account: Account, challenge: Challenge, method: str, code: str) -> bool:
    if method == _BY_TOTP:
        return account.accepts_totp(code)
    if method == _BY_BACKUP_CODE:
        return account.spend_backup_code(code)
    return method == _BY_SMS and challenge.sms_code is not None and code == challenge.sms_code


def _logged_in(account: Account) -> Response:
    sessionid = site().sessions.open(account.user_id, request.headers.get("User-Agent", ""))
    body: Json = {
        "authenticated": True,
        "user": True,
        "userId": str(account.user_id),
        "oneTapPrompt": True,
        "status": "ok",
    }
    response = reply(body)
    give_session(response, sessionid, account.user_id)
    return response
