"""A checkpoint's page and its calls are understood in four languages."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from shared.domain.jobs import CodeMethod
from shared.errors import CaptchaRequired, CheckpointRequired, Suspended
from worker.platforms.instagram_web.login.checkpoint import kinds
from worker.platforms.instagram_web.login.checkpoint.kinds import Kind
from worker.platforms.instagram_web.login.checkpoint.responses import Heard
from worker.platforms.instagram_web.login.checkpoint.snapshot import Button, Choice, Field, Shown
from worker.platforms.instagram_web.site.responses import Json, challenge, error_for_redirect

ENTRY, PICKER, OLD = "/auth_platform/codeentry/", "/auth_platform/challengepicker/", "/challenge/1/abc/"
ROOT = "/auth_platform/"


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        (Shown(ENTRY, fields=(Field(),)), Kind.CODE),
        (Shown(ROOT, fields=(Field(label="Code"),)), Kind.CODE),
        (Shown(OLD, fields=(Field("tel", name="security_code"),)), Kind.CODE),
        (Shown(OLD, fields=(Field(label="Sicherheitscode"),)), Kind.CODE),
        (Shown(OLD, fields=(Field(label="Código de seguridad"),)), Kind.CODE),
        (Shown("/somewhere/new/", fields=(Field(autocomplete="one-time-code"),)), Kind.CODE),
        (Shown("/somewhere/new/", fields=(Field(inputmode="numeric"),)), Kind.CODE),
        (Shown(ENTRY, fields=(Field(),), has_captcha=True), Kind.CODE),
        (Shown("/auth_platform/recaptcha/"), Kind.CAPTCHA),
        (Shown(OLD, frames=("reCAPTCHA https://www.example.com/x",)), Kind.CAPTCHA),
        (Shown(OLD, has_captcha=True), Kind.CAPTCHA),
        (Shown(OLD, text="Bestätige, dass du ein Mensch bist"), Kind.CAPTCHA),
        (Shown(OLD, fields=(Field("file", name="photo"),)), Kind.SELFIE),
        (Shown(OLD, text="Graba una selfie en video"), Kind.SELFIE),
        (Shown(OLD, text="Lade ein Foto deines Ausweises hoch"), Kind.SELFIE),
        (
            Shown(OLD, fields=(Field("password", "new_password1"), Field("password", "new_password2"))),
            Kind.NEW_PASSWORD,
        ),
        (Shown(OLD, text="Crie uma nova senha", fields=(Field("password"),)), Kind.NEW_PASSWORD),
        (Shown(OLD, text="Ändere dein Passwort"), Kind.NEW_PASSWORD),
        (Shown("/accounts/login/", text="Create a new password?", fields=(Field("password"),)), None),
        (Shown(PICKER, buttons=(Button(0, "Email to a***@b"),)), Kind.PICKER),
        (Shown(OLD, choices=(Choice(0, "Telefon"), Choice(1, "E-Mail"))), Kind.PICKER),
        (Shown(OLD, text="We sent a link", buttons=(Button(0, "Use WhatsApp"),)), None),
        (Shown(ROOT, text="Check your notifications on another device"), Kind.APPROVAL),
        (Shown(ROOT, text="Prüfe deine Benachrichtigungen auf einem anderen Gerät"), Kind.APPROVAL),
        (Shown(ROOT, text="Revisa tus notificaciones"), Kind.APPROVAL),
        (Shown(ROOT, text="Aguardando aprovação"), Kind.APPROVAL),
        (Shown(ROOT, text="This login was denied on another device"), Kind.DENIED),
        (Shown(ROOT, text="Deine Anmeldung wurde abgelehnt"), Kind.DENIED),
        (Shown(ROOT, text="El inicio de sesión fue rechazado"), Kind.DENIED),
        (Shown(ROOT, text="Seu login foi negado"), Kind.DENIED),
        (Shown(OLD, text="Was this change made by you?"), None),
        (Shown(ROOT), None),
    ],
)
def test_a_page_is_recognised_by_any_of_its_signs(shown: Shown, kind: Kind | None) -> None:
    assert kinds.kind(shown) is kind


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Enter the code we sent to a*****e@m***.org.", (CodeMethod.EMAIL, "a*****e@m***.org")),
        ("Gib den Code ein, den wir an +49 *** *****12 gesendet haben", (CodeMethod.SMS, "+49 *** *****12")),
        ("Introduce el código enviado por WhatsApp al +34 *** 99", (CodeMethod.WHATSAPP, "+34 *** 99")),
        ("Enviamos um código para o seu e-mail", (CodeMethod.EMAIL, None)),
        ("Enter the 6-digit code", (CodeMethod.SMS, None)),
    ],
)
def test_the_page_says_where_the_code_went(text: str, told: tuple[CodeMethod, str | None]) -> None:
    assert kinds.contact(text) == told


@pytest.mark.parametrize(
    ("label", "disabled", "seconds"),
    [
        ("Get a new code", False, 0),
        ("Get a new code (0:27)", True, 27),
        ("Get a new code (1:05)", True, 65),
        ("Neuen Code anfordern", True, None),
        ("Reenviar código en 9 s", True, 9),
        ("Solicitar outro código", False, 0),
        ("Get a new 6-digit code", False, 0),
    ],
)
def test_the_page_says_when_another_code_may_be_had(label: str, disabled: bool, seconds: int | None) -> None:
    found = kinds.again(Shown(ENTRY, buttons=(Button(0, "Continue"), Button(3, label, disabled))))
    assert found is not None
    assert (found.button.place, found.seconds) == (3, seconds)


@pytest.mark.parametrize(
    "label", ["Try another way", "Andere Methode", "Probar de otra forma", "Tentar de outra forma"]
)
def test_the_link_to_other_ways_is_found(label: str) -> None:
    assert kinds.another_way(Shown(ENTRY, buttons=(Button(0, "Help"), Button(1, label)))) == Button(1, label)


@pytest.mark.parametrize(
    "label",
    ["Continue", "Send security code", "Weiter", "Sicherheitscode senden", "Continuar", "Enviar código", "Avançar"],
)
def test_the_button_that_goes_on_is_found_and_only_where_it_can_be_used(label: str) -> None:
    others = (Button(0, "Send code again"), Button(1, "Log in to another account"))
    assert kinds.go_on(Shown(ENTRY, buttons=(*others, Button(2, label)))) == Button(2, label)
    assert kinds.go_on(Shown(ENTRY, buttons=(*others, Button(2, label, disabled=True)))) is None


def test_each_way_is_offered_once_under_what_its_label_says() -> None:
    choices = (Choice(0, "WhatsApp: phone +49 *** 12"), Choice(1, "Text message"), Choice(2, "Email"), Choice(3, "SMS"))
    assert kinds.ways(Shown(PICKER, choices=choices)) == {
        CodeMethod.WHATSAPP: choices[0],
        CodeMethod.SMS: choices[1],
        CodeMethod.EMAIL: choices[2],
    }


class Deaf:
    """A page that says nothing by itself."""

    def on(self, event: str, listener: object) -> None:
        assert event == "response"


def heard() -> Heard:
    return Heard(cast(Any, Deaf()))


def answer(**fields: object) -> str:
    return json.dumps({"data": {"some_view": {"inner": [fields]}}})


def test_a_right_code_is_told_by_where_it_leads_and_its_address_is_not_kept() -> None:
    told = heard()
    told.take("useSubmitCodeMutation", answer(redirect_uri="https://example.org/?apc=canary", error_style=None))
    assert told.is_accepted is True
    assert "canary" not in repr(vars(told))


def test_a_wrong_code_is_told_by_its_inline_error_and_forgotten_before_the_next() -> None:
    told = heard()
    told.take("useSubmitCodeMutation", "for (;;);" + answer(redirect_uri=None, error_style="INLINE"))
    assert told.is_accepted is False
    told.forget_verdict()
    assert told.is_accepted is None


def test_the_view_tells_the_way_and_the_cool_down_and_nonsense_tells_nothing() -> None:
    told = heard()
    told.take("CodeEntryViewQuery", "{}\n" + answer(challenge_name="SOWA", resend_code_cooldown=30))
    assert told.method is CodeMethod.WHATSAPP
    assert told.again_at is not None
    before = told.again_at
    for text in (
        "",
        "<!DOCTYPE html>",
        "[" * 5000,
        answer(resend_code_cooldown=True),
        answer(challenge_name="CARRIER"),
    ):
        told.take("CodeEntryViewQuery", text)
    assert (told.method, told.again_at) == (CodeMethod.WHATSAPP, before)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/auth_platform/recaptcha/?apc=x", CaptchaRequired),
        ("/auth_platform/codeentry/?apc=x", CheckpointRequired),
        ("/challenge/1/abc/", CheckpointRequired),
        ("/accounts/suspended/", Suspended),
    ],
)
def test_an_address_in_the_middle_of_reading_tells_what_is_wanted(path: str, error: type[Exception]) -> None:
    body: Json = {
        "message": "challenge_required",
        "challenge": {"url": f"https://www.instagram.com{path}"},
        "status": "fail",
    }
    assert type(challenge(body)) is error
    assert type(error_for_redirect(f"https://www.instagram.com{path}")) is error
