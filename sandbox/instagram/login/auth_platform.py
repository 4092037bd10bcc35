"""Checkpoints at the newer addresses, ``/auth_platform/…``: their pages and the operations that these call."""

import time

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.instagram.answers import Json, base_url, fail, html, refuse, reply
from sandbox.instagram.cookies import give_session
from sandbox.instagram.faults import Where
from sandbox.instagram.graphql import operation
from sandbox.instagram.guard import APP_ID, check_login_call
from sandbox.instagram.pages import ROLLOUT
from sandbox.instagram.site import site
from sandbox.instagram.throttle import check_bare

from .account import Via
from .checkpoints import LENGTHS, Checkpoint, Said, Variant, device_of, masked

blueprint = Blueprint("auth_platform", __name__, url_prefix="/auth_platform")

_NAMES = {Via.EMAIL: "EMAIL", Via.SMS: "SMS", Via.WHATSAPP: "SOWA"}
_BY_NAME = {name: via for via, name in _NAMES.items()}
_WRONG = "This code doesn't work. Check it's correct or try a new one."
_TOO_SOON = "Wait a moment before you ask for another code."
_TEMPLATES = {
    Variant.PICKER: "challengepicker.html",
    Variant.CAPTCHA: "recaptcha.html",
    Variant.APPROVAL: "approval.html",
}


@blueprint.get("/")
@blueprint.get("/codeentry/")
@blueprint.get("/challengepicker/")
@blueprint.get("/recaptcha/")
def show() -> AnyResponse:
    """Show the checkpoint's question; a person who has answered goes on, and another device starts over."""
    if not request.args.get("poll"):
        check_bare(Where.PAGE)
    checkpoint = _checkpoint(request.args.get("apc", ""))
    if checkpoint is None:
        return redirect("/accounts/login/", 302)
    if request.args.get("poll"):
        return reply({"answered": checkpoint.said is not Said.NOTHING})
    if checkpoint.passed or checkpoint.said is Said.YES:
        return enter("/accounts/onetap/?next=%2F")
    template = "codeentry.html" if checkpoint.via else _TEMPLATES.get(checkpoint.variant, "codeentry.html")
    if request.path.endswith("/challengepicker/"):
        template = "challengepicker.html"
    return html(render_template(template, app_id=APP_ID, rollout=ROLLOUT, denied=checkpoint.said is Said.NO))


@operation("CodeEntryViewQuery", "34414353874878894")
def code_entry(variables: Json) -> Response:
    """Tell the page where the code went and when another may be had."""
    checkpoint = _asked(variables)
    return _field_answer("code_entry_view", _code_view(checkpoint))


@operation("ChallengePickerViewQuery", "26777000331897324")
def picker(variables: Json) -> Response:
    """Tell the page the ways there are."""
    _asked(variables)
    ways = [{"challenge_name": _NAMES[via], "masked_contact_point": masked(site().account, via)} for via in Via]
    return _field_answer("challenge_picker_view", {"challenges": ways})


@operation("TryAnotherWay", "9378248908953318")
def try_another_way(variables: Json) -> Response:
    """Lead to the picker."""
    _asked(variables)
    return _field_answer("try_another_way", {"redirect_uri": _address("challengepicker/", variables)})


@operation("SelectChallenge", "9771607989592788")
def select(variables: Json) -> Response:
    """Send a code the way that was chosen."""
    checkpoint, via = _asked(variables), _BY_NAME.get(str(variables.get("challenge_name")))
    if via is None:
        return _field_answer("select_challenge", {"error_style": "INLINE", "error_message": "Choose one of the ways."})
    checkpoint.send(site().account, via, site().calendar_iso())
    return _field_answer("select_challenge", {"redirect_uri": _address("codeentry/", variables)})


@operation("SendCodeAgain", "29612122925068775")
def send_again(variables: Json) -> Response:
    """Send another code by the same way, unless the last one went out a moment ago."""
    checkpoint = _asked(variables)
    if checkpoint.via is None or _cooling(checkpoint) > 0:
        return _field_answer("send_code_again", {"error_style": "INLINE", "error_message": _TOO_SOON})
    checkpoint.send(site().account, checkpoint.via, site().calendar_iso())
    return _field_answer("send_code_again", _code_view(checkpoint))


@operation("SubmitCode", "25017097917894476")
def submit(variables: Json) -> Response:
    """Judge a code; the page leads on by itself a while after a right one."""
    checkpoint = _asked(variables)
    if not checkpoint.takes(str(variables.get("code", ""))):
        return _field_answer("submit_code", {"error_style": "INLINE", "error_message": _WRONG})
    body: Json = {"redirect_uri": _address("", variables), "linger_ms": int(checkpoint.linger * 1000)}
    return _field_answer("submit_code", body)


def enter(path: str) -> AnyResponse:
    """Log the browser in and lead it on."""
    account = site().account
    site().checkpoints.let_in(device_of(request.cookies))
    response = redirect(path, 302)
    sessionid = site().sessions.open(account.user_id, request.headers.get("User-Agent", ""))
    give_session(response, sessionid, account.user_id)
    return response


def _asked(variables: Json) -> Checkpoint:
    check_login_call()
    checkpoint = _checkpoint(str(variables.get("apc", "")))
    if checkpoint is None:
        refuse(fail(400, "This request is no longer valid."))
    return checkpoint


def _checkpoint(secret: str) -> Checkpoint | None:
    return site().checkpoints.find(secret, device_of(request.cookies))


def _code_view(checkpoint: Checkpoint) -> Json:
    via = checkpoint.via or Via.SMS
    return {
        "challenge_name": _NAMES[via],
        "masked_contact_point": masked(site().account, via),
        "code_length": LENGTHS[via],
        "resend_code_cooldown": max(0, round(_cooling(checkpoint))),
    }


def _cooling(checkpoint: Checkpoint) -> float:
    return checkpoint.sent_at + site().checkpoints.cooldown - time.monotonic()


def _address(page: str, variables: Json) -> str:
    return f"{base_url()}/auth_platform/{page}?apc={variables.get('apc')}"


def _field_answer(field: str, body: Json) -> Response:
    return reply({"data": {field: body}, "extensions": {"is_final": True}})
