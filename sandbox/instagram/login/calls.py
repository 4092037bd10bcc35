"""The calls of the login and two-factor pages, with the site's bodies and statuses."""

import re

from flask import Blueprint, Response, request

from sandbox.instagram.answers import PLEASE_WAIT, Json, fail, reply
from sandbox.instagram.cookies import give_session
from sandbox.instagram.faults import FaultKind, Where
from sandbox.instagram.guard import check_login_call
from sandbox.instagram.site import KnownDevice, site

from . import second_step
from .account import Account, TwoFactor, Via
from .checkpoints import device_of

blueprint = Blueprint("login", __name__, url_prefix="/api/v1/web/accounts")
blueprint.before_request(check_login_call)

_PASSWORD = re.compile(r"#PWD_INSTAGRAM_BROWSER:0:\d{10}:(.*)", re.DOTALL)
_WAYS = {
    "1": second_step.Way.SMS,
    "2": second_step.Way.BACKUP_CODE,
    "3": second_step.Way.TOTP,
    "4": second_step.Way.WHATSAPP,
}
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


@blueprint.post("/one_tap_web_login/")
def continue_as() -> Response:
    """Let a known device in by one click; the nonce is void after a login on another device."""
    account = site().account
    if site().door.known_device is not KnownDevice.DIRECT or request.form.get("user_id") != str(account.user_id):
        return fail(400, "This request is no longer valid. Log in again.", error_type="invalid_one_tap_nonce")
    return _stopped(account) or _second_step(account)


@blueprint.post("/login/ajax/two_factor/")
def answer_challenge() -> Response:
    """Judge a code; the challenge stays open after a wrong one."""
    account, identifier = site().account, request.form.get("identifier", "")
    challenge = site().challenges.find(identifier, request.form.get("username", ""))
    if challenge is None:
        return fail(400, "This request is no longer valid. Log in again.", error_type="invalid_identifier")
    way = _WAYS.get(request.form.get("verification_method", ""))
    if way is None or not second_step.is_good(account, challenge, way, request.form.get("verificationCode", "")):
        error = "sms_code_validation_failed" if way is second_step.Way.SMS else "invalid_verficaition_code"
        return fail(400, "Please check the security code and try again.", error_type=error)
    site().challenges.close(identifier)
    return finish(account)


@blueprint.post("/send_two_factor_login_sms/")
def send_sms() -> Response:
    """Send another code; the answer carries a new identifier and the old one is void."""
    return _send(Via.SMS)


@blueprint.post("/send_two_factor_login_whatsapp/")
def send_whatsapp() -> Response:
    """Send another code by WhatsApp, as `send_sms` does; the real path is not known (IG-2.10), so do not rely on it."""
    return _send(Via.WHATSAPP)


def finish(account: Account) -> Response:
    """Let a person in who has proved everything, unless something stands in the way."""
    return _stopped(account) or _logged_in(account)


def _send(via: Via) -> Response:
    account, identifier = site().account, request.form.get("identifier", "")
    challenge = site().challenges.find(identifier, request.form.get("username", ""))
    if challenge is None or not account.sends(via):
        return fail(400, "This request is no longer valid. Log in again.", error_type="invalid_identifier")
    if not second_step.send(account, challenge, via):
        return fail(400, PLEASE_WAIT)
    site().challenges.close(identifier)
    info = second_step.info(account, challenge)
    return reply({"two_factor_required": True, "two_factor_info": info, "status": "ok"})


def _stopped(account: Account) -> Response | None:
    """Return the answer that sends the browser elsewhere, None when nothing stands in the way."""
    faults = site().faults
    if faults.take(FaultKind.SUSPENDED, Where.LOGIN):
        return fail(400, "checkpoint_required", checkpoint_url="/accounts/suspended/", lock=True)
    device = device_of(request.cookies)
    path = site().checkpoint(Where.LOGIN, device)
    if path is not None:
        return fail(400, "checkpoint_required", checkpoint_url=path, lock=False)
    site().checkpoints.let_in(device)
    return None


def _second_step(account: Account) -> Response:
    if account.two_factor is TwoFactor.NONE:
        return _logged_in(account)
    info = second_step.begin(account)
    return fail(400, "", two_factor_required=True, two_factor_info=info, error_type="two_factor_required")


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
    give_session(response, sessionid, account.user_id, names_user=not site().door.no_ds_user_id)
    return response
