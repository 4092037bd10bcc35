"""The matrix rows of obstacles to a login."""

from shared.domain.jobs import JobKind
from tests.reliability.rows import Row

_NOTHING = "Nothing: the login comes to its end."
_MOST = 80


def _login(
    key: str,
    does: str,
    answers: str,
    reads: str,
    *orders: dict[str, object],
    code: str | None = None,
    alert: str | None = None,
    profile: str = "CONNECTED",
) -> Row:
    return Row(
        key,
        does,
        answers,
        reads,
        orders,
        work=JobKind.LOGIN,
        ends="FAILED" if code else "COMPLETED",
        code=code,
        alert=alert,
        profile=profile,
        verdict=None,
        most_requests=_MOST,
    )


def _dialog(variant: str, language: str, what: str) -> Row:
    return _login(
        f"dialog-{variant.replace('_', '-')}",
        f"It lays a dialog over the page: {what}, {language}.",
        "Answers with the choice that allows least, and continues.",
        _NOTHING,
        {"kind": "dialog", "variant": variant},
    )


def _question(variant: str, does: str, answers: str, reads: str) -> Row:
    return _login(
        f"checkpoint-{variant.replace('_', '-')}",
        does,
        answers,
        reads,
        {"kind": "checkpoint", "variant": variant, "where": "login", "ms": 300},
    )


def _person_only(variant: str, does: str, reads: str, code: str) -> Row:
    return _login(
        f"checkpoint-{variant or 'plain'}",
        does,
        "Leaves it to the person and stops; it is never worked around.",
        reads,
        {"kind": "checkpoint", "variant": variant, "where": "login"},
        code=code,
        profile="CHALLENGED",
    )


_FILLS_IN = "Asks the person on the job's page, types the code in, and waits for the page to move on."
ROWS = (
    _dialog("cookie_de", "in German", "cookies"),
    _dialog("notifications", "in English", "notifications"),
    _question(
        "code_email",
        "It sends a code by e-mail and asks for it; the page lingers after the right one.",
        _FILLS_IN,
        "The question for the code, and where it was sent.",
    ),
    _question(
        "code_whatsapp",
        "It sends a code by WhatsApp and asks for it.",
        _FILLS_IN,
        "The question for the code, and where it was sent.",
    ),
    _question(
        "picker",
        "It asks by which way the code is to come.",
        "Takes the first way that it offers; the person may choose another.",
        "The question for the code, where it was sent, and the other ways.",
    ),
    _question(
        "legacy",
        "It asks for a code on the older challenge page.",
        _FILLS_IN,
        "The question for the code, and where it was sent.",
    ),
    _question(
        "approval",
        "It waits until the login is approved on the phone.",
        "Waits with it, and continues by itself when the page does.",
        "That the login is to be approved in the Instagram app.",
    ),
    _person_only(
        "", "It asks to confirm who it is, in a way that only the person can.", "Where to answer.", "checkpoint"
    ),
    _person_only(
        "captcha", "It shows a captcha.", "That Instagram shows a captcha that only they can solve.", "captcha_required"
    ),
    _person_only(
        "selfie", "It wants a video of the person's face.", "What Instagram wants, and where.", "selfie_required"
    ),
    _person_only(
        "password", "It wants a new password.", "That Instagram wants a new password first.", "password_change_required"
    ),
    _login(
        "suspicion",
        "It warns of automated behaviour after the login.",
        "Never dismisses the warning; the cool-down lasts for days.",
        "What the warning means, and that it is theirs to decide.",
        {"kind": "suspicion", "where": "login"},
        code="suspected_automation",
        alert="suspected",
        profile="RESTING",
    ),
    _login(
        "consent",
        "It asks to agree to new terms.",
        "Agrees to nothing in the person's name.",
        "That Instagram wants their consent first.",
        {"kind": "consent", "where": "login"},
        code="consent_required",
        profile="CHALLENGED",
    ),
    _login(
        "login-throttled",
        "It refuses every login from here for a while.",
        "Stops: more tries would make the wait longer.",
        "That Instagram asks to wait before it lets anybody log in from here again.",
        {"kind": "please_wait", "where": "login", "times": 50},
        code="login_throttled",
        profile="CONNECTING",
    ),
    _login(
        "login-fault",
        "It fails with 500 at the login, once.",
        "Tries again a little later with what is still sealed.",
        _NOTHING,
        {"kind": "http_500", "where": "login", "times": 1},
    ),
)
