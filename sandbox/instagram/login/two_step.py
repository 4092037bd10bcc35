"""The calls of the newer two-factor page: GraphQL, with the challenge in an encrypted context."""

from flask import Response

from sandbox.instagram.answers import PLEASE_WAIT, Json, reply
from sandbox.instagram.graphql import operation
from sandbox.instagram.guard import check_login_call
from sandbox.instagram.sessions import Challenge
from sandbox.instagram.site import site

from . import second_step
from .account import Via
from .calls import finish

VALIDATE_DOC_ID = "26264014419868193"
_FLOW = "TWO_FACTOR_LOGIN"


@operation("useTwoFactorLoginValidateCodeMutation", doc_id=VALIDATE_DOC_ID)
def validate_code(variables: Json) -> Response:
    """Judge a code; the challenge stays open after a wrong one, and a right one brings the session's cookies."""
    check_login_call()
    account, context = site().account, str(variables.get("encryptedContext", ""))
    challenge, way = _challenge(variables), _way(variables)
    code = variables.get("code")
    entered = str(code.get("sensitive_string_value", "")) if isinstance(code, dict) else ""
    if challenge is None or variables.get("flow") != _FLOW or not isinstance(variables.get("trust_this_device"), bool):
        return _refused("This request is no longer valid. Log in again.")
    if way is None or not second_step.is_good(account, challenge, way, entered):
        return _judged(is_valid=False)
    site().challenges.close(context)
    answer = finish(account)
    if answer.status_code == 200:
        answer.set_data(_judged(is_valid=True).get_data())
    return answer


@operation("useTwoFactorLoginSendCodeMutation")
def send_code(variables: Json) -> Response:
    """Send a code; the real page's request for one is not known (IG-2.10), so do not rely on this answer."""
    check_login_call()
    challenge, way = _challenge(variables), _way(variables)
    via = Via(way.value.lower()) if way in (second_step.Way.SMS, second_step.Way.WHATSAPP) else None
    if challenge is None or via is None or not site().account.sends(via):
        return _refused("This request is no longer valid. Log in again.")
    if not second_step.send(site().account, challenge, via):
        return _refused(PLEASE_WAIT)
    site().challenges.close(str(variables["encryptedContext"]))
    info = second_step.info(site().account, challenge)
    sent: Json = {"encrypted_context": info["encrypted_context"]}
    return reply({"data": {"xfb_two_factor_login_send_code": sent}})


def _challenge(variables: Json) -> Challenge | None:
    return site().challenges.find(str(variables.get("encryptedContext", "")), site().account.username)


def _way(variables: Json) -> second_step.Way | None:
    return next((way for way in second_step.Way if way.value == variables.get("method")), None)


def _judged(*, is_valid: bool) -> Response:
    return reply({"data": {"xfb_two_factor_login_validate_code": {"is_code_valid": is_valid}}})


def _refused(message: str) -> Response:
    return reply({"data": None, "errors": [{"message": message, "severity": "ERROR"}]})
