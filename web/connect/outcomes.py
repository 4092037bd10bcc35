"""The outcomes of a consent that no job knows: each with its sentence, its way on, and a page without a form."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from flask import make_response, render_template
from werkzeug.wrappers import Response

from shared.messages import Message
from shared.platforms import Provider
from web.http.headers import CONTENT_SECURITY_POLICY
from web.translation import _


class Outcome(StrEnum):
    """The values of `StateFault`, and what the provider or the sign-in has to say."""

    DENIED = "denied"
    REFUSED = "refused"
    SIGNED_OUT = "signed_out"
    BUSY = "busy"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    OTHER_PROVIDER = "other_provider"
    OTHER_SIGN_IN = "other_sign_in"


_SENTENCES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.DENIED: (
        Message("You did not allow it, so nothing was connected."),
        Message("Connect again if that was a mistake. Rollcall only reads."),
    ),
    Outcome.REFUSED: (
        Message("%(provider)s sent you back without its consent, so nothing was connected."),
        Message("Try again in a few minutes. If it stays, the operator of this installation finds the cause there."),
    ),
    Outcome.SIGNED_OUT: (
        Message("You are not signed in to Rollcall any more, so nothing was connected."),
        Message("Sign in, then connect again."),
    ),
    Outcome.BUSY: (
        Message("Too many of your jobs are waiting, so nothing was connected."),
        Message("Wait until some are done, then connect again."),
    ),
    Outcome.UNKNOWN: (
        Message("This consent is not known here: it was begun by someone else, or long ago."),
        Message("Connect again from this browser."),
    ),
    Outcome.EXPIRED: (
        Message("This consent took too long: more than five minutes went by."),
        Message("Connect again."),
    ),
    Outcome.USED: (
        Message("This consent was used already."),
        Message("Look at the list of your profiles; if the account is missing, connect it again."),
    ),
    Outcome.OTHER_PROVIDER: (
        Message("This consent was begun for another provider than %(provider)s, so it was not used."),
        Message("Connect again."),
    ),
    Outcome.OTHER_SIGN_IN: (
        Message("This consent was begun in another browser, or before you signed in again."),
        Message("Connect again from this browser."),
    ),
}
_STATUS = {Outcome.DENIED: 200, Outcome.SIGNED_OUT: 401, Outcome.BUSY: 429}
_NO_FORMS = CONTENT_SECURITY_POLICY.replace("form-action 'self'", "form-action 'none'")


def page(outcome: Outcome, provider: Provider) -> Response:
    """The page of an outcome; it tells the other pages of the browser, too."""
    sentence, way_on = (_(text, provider=provider.label) for text in _SENTENCES[outcome])
    text = render_template("connect/outcome.html", outcome=outcome, provider=provider, sentence=sentence, way_on=way_on)
    response = make_response(text, _STATUS.get(outcome, 400))
    response.headers["Content-Security-Policy"] = _NO_FORMS
    return response
