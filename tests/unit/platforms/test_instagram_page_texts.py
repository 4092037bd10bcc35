"""The site's texts are understood in each language, and no other text is taken for one."""

import pytest

from worker.platforms.instagram_web.site.page_texts import Wording, account_on_button, pattern, says

SAID = [
    (Wording.COOKIES_LEAST, "Decline optional cookies", "Optionale Cookies ablehnen"),
    (Wording.COOKIES_LEAST, "Only allow essential cookies", "Nur erforderliche Cookies erlauben"),
    (Wording.COOKIES_LEAST, "Rechazar cookies opcionales", "Recusar cookies opcionais"),
    (Wording.COOKIES_ALL, "Allow all cookies", "Alle Cookies erlauben"),
    (Wording.COOKIES_ALL, "Permitir todas las cookies", "Permitir todos os cookies"),
    (Wording.COOKIES_ALL, "Allow essential and optional cookies", "Erforderliche und optionale Cookies erlauben"),
    (Wording.ACCEPT, "Accept", "Aceptar"),
    (Wording.NOT_NOW, "Not Now", "Jetzt nicht"),
    (Wording.NOT_NOW, "Ahora no", "Agora não"),
    (Wording.SUSPECTED, "We suspect automated behavior on your account", "WE SUSPECT AUTOMATED BEHAVIOUR"),
    (
        Wording.SUSPECTED,
        "Wir vermuten automatisiertes Verhalten in deinem Konto",
        "Verdacht auf automatisierte Aktivität",
    ),
    (
        Wording.SUSPECTED,
        "Sospechamos que hay actividad automatizada en tu cuenta",
        "Suspeitamos de comportamento automatizado na sua conta",
    ),
    (Wording.RESEND, "Resend it", "Get a new code"),
    (Wording.RESEND, "Code erneut senden", "Reenviar código"),
    (Wording.MORE_WAYS, "Try another way", "Auf andere Weise bestätigen"),
    (Wording.MORE_WAYS, "Probar de otra forma", "Tentar de outra forma"),
    (Wording.BY_APP, "Use your authentication app", "Authentifizierungs-App"),
    (Wording.BY_APP, "Aplicación de autenticación", "Aplicativo de autenticação"),
    (Wording.BY_SMS, "Send a text message", "Mensaje de texto"),
    (Wording.BY_BACKUP_CODE, "Use one of your backup codes", "Código de respaldo"),
    (Wording.WRONG_PASSWORD, "Sorry, your password was incorrect.", "Dein Passwort war falsch."),
    (Wording.WRONG_PASSWORD, "La contraseña es incorrecta", "A senha está incorreta"),
    (Wording.THROTTLED, "Please wait a few minutes before you try again.", "Aguarde alguns minutos"),
    (Wording.UNKNOWN_USER, "The username you entered doesn't belong to an account.", "We can't find your account"),
]


@pytest.mark.parametrize(("wording", "one", "other"), SAID)
def test_a_text_is_understood_in_either_form_and_in_any_case(wording: Wording, one: str, other: str) -> None:
    for text in (one, other, one.upper(), f"  {other}\n"):
        assert says(text, wording)
    assert pattern(wording).search(one)


@pytest.mark.parametrize(
    ("wording", "text"),
    [
        (Wording.COOKIES_LEAST, "Allow all cookies"),
        (Wording.COOKIES_LEAST, "Permitir todas las cookies"),
        (Wording.COOKIES_ALL, "Only allow essential cookies"),
        (Wording.COOKIES_ALL, "Permitir solo cookies esenciales"),
        (Wording.ACCEPT, "Accept the new terms"),
        (Wording.NOT_NOW, "Not now, maybe later"),
        (Wording.SUSPECTED, "Ten tips for automated behavior on your account"),
        (Wording.CONTINUE_AS, "Continue"),
        (Wording.CONTINUE, "Continue as bella"),
    ],
)
def test_what_only_looks_like_it_is_something_else(wording: Wording, text: str) -> None:
    assert says(text, wording) is None


@pytest.mark.parametrize(
    ("button", "name"),
    [
        ("Continue as bella.rossi", "bella.rossi"),
        ("Weiter als Bella Rossi", "Bella Rossi"),
        ("Als bella_rossi fortfahren", "bella_rossi"),
        ("Continuar como\n bella", "bella"),
        ("Continue", None),
    ],
)
def test_a_known_devices_button_tells_whom_it_is_for(button: str, name: str | None) -> None:
    assert account_on_button(button) == name


def test_every_wording_is_in_the_table_and_is_an_expression_a_browser_knows_too() -> None:
    for wording in Wording:
        assert "(?P" not in pattern(wording).pattern
