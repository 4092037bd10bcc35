"""Checkpoints at the older address, ``/challenge/{user}/{nonce}/``."""

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.instagram.answers import base_url, fail, html, reply
from sandbox.instagram.cookies import give_session
from sandbox.instagram.guard import APP_ID, check_login_call
from sandbox.instagram.pages import ROLLOUT
from sandbox.instagram.site import site

from .account import Via
from .checkpoints import Checkpoint, Variant, device_of, masked

blueprint = Blueprint("challenge", __name__, url_prefix="/challenge")

_FORMS = {
    Variant.LEGACY: "SelectContactPointRecoveryForm",
    Variant.FORCED_CHANGE: "LegacyForceSetNewPasswordForm",
    Variant.SELFIE: "UploadPhotoForm",
}
_CHOICES = {"0": Via.SMS, "1": Via.EMAIL}
_ENTRY = {Via.SMS: "VerifySMSCodeForm", Via.EMAIL: "VerifyEmailCodeForm"}


@blueprint.get("/<int:user_id>/<nonce>/")
def show(user_id: int, nonce: str) -> AnyResponse:
    """Show what is asked; another device starts over."""
    checkpoint = _checkpoint(nonce)
    if checkpoint is None:
        return redirect("/accounts/login/", 302)
    account, via = site().account, checkpoint.via
    page = render_template(
        "challenge.html",
        app_id=APP_ID,
        rollout=ROLLOUT,
        form=_form(checkpoint),
        phone=masked(account, Via.SMS),
        email=masked(account, Via.EMAIL),
        sent_to=masked(account, via) if via else "",
    )
    return html(page)


@blueprint.post("/<int:user_id>/<nonce>/")
def answer(user_id: int, nonce: str) -> Response:
    """Send a code the way that was chosen, then judge it; a right one logs in."""
    check_login_call()
    checkpoint = _checkpoint(nonce)
    if checkpoint is None or checkpoint.variant is not Variant.LEGACY:
        return fail(400, "This request is no longer valid.")
    if checkpoint.via is None:
        return _chosen(checkpoint)
    if not checkpoint.takes(request.form.get("security_code", "").replace(" ", "")):
        challenge = {"challengeType": _form(checkpoint), "errors": ["Please check the code."]}
        return fail(400, "Please check the code we sent you and try again.", challenge=challenge)
    return _redirection()


def _chosen(checkpoint: Checkpoint) -> Response:
    via = _CHOICES.get(request.form.get("choice", ""))
    if via is None:
        return fail(400, "Select a valid choice.", challenge={"challengeType": _form(checkpoint)})
    checkpoint.send(site().account, via, site().calendar_iso())
    return reply({"challengeType": _form(checkpoint), "status": "ok"})


def _redirection() -> Response:
    """The session's cookies come with the answer here."""
    account = site().account
    response = reply({"location": f"{base_url()}/", "type": "CHALLENGE_REDIRECTION", "status": "ok"})
    sessionid = site().sessions.open(account.user_id, request.headers.get("User-Agent", ""))
    give_session(response, sessionid, account.user_id)
    return response


def _form(checkpoint: Checkpoint) -> str:
    if checkpoint.via is not None:
        return _ENTRY.get(checkpoint.via, "VerifySMSCodeForm")
    return _FORMS.get(checkpoint.variant, "ReviewContactPointChangeForm")


def _checkpoint(nonce: str) -> Checkpoint | None:
    return site().checkpoints.find(nonce, device_of(request.cookies))
