"""Recognises the kind of a checkpoint's page by several signs, in English, German, Spanish and Portuguese. Pure.

Paths and field names are those of IG-3.1, IG-3.3 and IG-3.6; the page's words are the last sign, because they change
most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from shared.domain.jobs import CodeMethod
from worker.platforms.instagram_web.login.checkpoint.snapshot import Button, Choice, Field, Shown


class Kind(Enum):
    """The page's question. Only the first three can be answered from here; the others are for the person alone."""

    CODE = auto()
    PICKER = auto()
    APPROVAL = auto()
    DENIED = auto()
    CAPTCHA = auto()
    SELFIE = auto()
    NEW_PASSWORD = auto()


@dataclass(frozen=True, slots=True)
class Again:
    """The page's own button for another code; `seconds` until it may be used, None where the page does not say."""

    button: Button
    seconds: int | None


def _words(*texts: str) -> re.Pattern[str]:
    return re.compile("|".join(texts), re.I)


_CODE_NAMES = frozenset({"security_code", "verificationcode", "email_code", "sms_code", "approvals_code", "code"})
_CODE_LABEL = _words(r"\bcode\b", r"sicherheitscode|bestätigungscode", r"c[oó]digo")
_CAPTCHA = _words("captcha", "arkose", "funcaptcha")
_CAPTCHA_TEXT = _words(
    r"not a robot|(that )?you('re| are) (a )?human",
    r"kein roboter|dass du ein mensch",
    r"no (soy|eres) un robot|eres (un )?humano",
    r"não (sou|é) um robô|você é humano",
)
_PHOTO = _words(
    r"selfie|(upload|take) a (photo|picture)|(photo|government|official) id\b|identity document",
    r"foto von dir|foto hochladen|ausweis",
    r"(sube|subir|toma|tómate) una foto|documento de identidad",
    r"(envi(e|ar)|tire|tirar) uma foto|documento de identi(dade|ficação)",
)
_NEW_PASSWORD = _words(
    r"(change|reset|create)[^.]{0,30}password",
    r"(ändere|setze|erstelle)[^.]{0,30}passwort|neues passwort",
    r"(cambia|restablece|crea)r?[^.]{0,30}contraseña",
    r"(altere|mude|redefina|crie|alterar|redefinir|criar)[^.]{0,30}senha",
)
_APPROVE = _words(
    r"approve (this|the|your) login|check your notifications|waiting for approval",
    r"approve (it )?(from|on) another device",
    r"genehmige|genehmigung|(bestätige|prüfe)[^.]{0,60}(anderen gerät|benachrichtigungen|handy)",
    r"aprueba|aprobación|(revisa|comprueba|confirma)[^.]{0,60}(otro dispositivo|notificaciones)",
    r"aprove|aprovação|(verifique|confira|confirme)[^.]{0,60}(outro (dispositivo|aparelho)|notificações)",
)
_DENIED = _words(
    r"login (was|has been) (denied|declined|rejected)|not approved",
    r"(anmeldung|login) (wurde|ist) (abgelehnt|verweigert)|nicht genehmigt",
    r"(inicio de sesión|solicitud)[^.]{0,30}(rechazad|denegad)|no (se|fue) aprobad",
    r"(login|solicitação)[^.]{0,30}(negad|recusad|rejeitad)|não (foi )?aprovad",
)
_AGAIN = _words(
    r"(new|another)( \d-digit)? code|send (it|code|the code) again|resend",
    r"(neuen|anderen) code|erneut senden|noch ?mal senden",
    r"(nuevo|otro) código|reenviar|(volver a|vuelve a) enviar",
    r"(novo|outro) código|enviar novamente",
)
_ANOTHER_WAY = _words(
    r"another way|different way|more options",
    r"(andere|weitere) (methode|möglichkeit|option)|anders versuchen|auf andere (art|weise)",
    r"(de )?otra (forma|manera)|más opciones",
    r"(de )?outra (forma|maneira)|mais opções",
)
_GO_ON = _words(
    r"^(continue|next|confirm|submit|ok)$|^send (the )?(security |login |confirmation )?code$",
    r"^(weiter|bestätigen|senden|absenden)$|^(sicherheits|bestätigungs)?code senden$",
    r"^(continuar|siguiente|confirmar|enviar)$|^enviar (el )?código( de (seguridad|confirmación))?$",
    r"^(avançar|próximo)$|^enviar (o )?código( de (segurança|confirmação))?$",
)
_WAYS = {
    CodeMethod.WHATSAPP: _words("whatsapp"),
    CodeMethod.EMAIL: _words(r"e-?mail", "correo"),
    CodeMethod.SMS: _words(
        r"text message|\bsms\b|\bphone\b",
        r"textnachricht|telefon|handy",
        r"mensaje de texto|teléfono|móvil",
        "mensagem de texto|telefone|celular",
    ),
}
_ADDRESS = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:]*[^\s@<>(),;:.]")
_NUMBER = re.compile(r"\+?[\d*•·][\d*•·\s().-]{3,}[\d*•·]")
_COUNTDOWN = re.compile(r"\b(?:(\d{1,2}):)?(\d{1,3})\b(?!-)")


def kind(shown: Shown) -> Kind | None:
    """The page's question; None where nothing is recognised, or not yet."""
    if _CAPTCHA.search(shown.path):
        return Kind.CAPTCHA
    if any(one.type == "file" for one in shown.fields):
        return Kind.SELFIE
    if _wants_password(shown):
        return Kind.NEW_PASSWORD
    if any(is_code(one) for one in shown.fields) or ("codeentry" in shown.path and any(map(_is_text, shown.fields))):
        return Kind.CODE
    if _offers_ways(shown):
        return Kind.PICKER
    # Many pages hold an invisible captcha, so the page's words count first.
    has_captcha = shown.has_captcha or any(map(_CAPTCHA.search, shown.frames))
    return _by_words(shown) or (Kind.CAPTCHA if has_captcha else None)


def is_code(field: Field) -> bool:
    """Whether the field takes a code."""
    return _is_text(field) and (
        "one-time-code" in field.autocomplete
        or field.name.lower() in _CODE_NAMES
        or field.inputmode == "numeric"
        or _CODE_LABEL.search(field.label) is not None
    )


def ways(shown: Shown) -> dict[CodeMethod, Choice | Button]:
    """The ways that the page offers: its choices, else its buttons."""
    offered: Iterable[Choice | Button] = shown.choices or shown.buttons
    found: dict[CodeMethod, Choice | Button] = {}
    for one in offered:
        method = _way(one.label)
        if method is not None:
            found.setdefault(method, one)
    return found


def contact(text: str) -> tuple[CodeMethod, str | None]:
    """The way of the page's code, and its masked address or number."""
    address, number = _ADDRESS.search(text), _NUMBER.search(text)
    if _WAYS[CodeMethod.WHATSAPP].search(text):
        return CodeMethod.WHATSAPP, number[0].strip() if number else None
    if address or (_WAYS[CodeMethod.EMAIL].search(text) and not number):
        return CodeMethod.EMAIL, address[0] if address else None
    return CodeMethod.SMS, number[0].strip() if number else None


def again(shown: Shown) -> Again | None:
    """The page's button for another code, and the time until it may be used; None where it shows none."""
    button = _button(shown, _AGAIN)
    if button is None:
        return None
    left = _COUNTDOWN.search(button.label)
    if left:
        return Again(button, int(left[1] or 0) * 60 + int(left[2]))
    return Again(button, None if button.disabled else 0)


def another_way(shown: Shown) -> Button | None:
    """The page's link to its other ways."""
    return _button(shown, _ANOTHER_WAY)


def go_on(shown: Shown) -> Button | None:
    """The button that submits the choice or entry; None where it shows none that can be used."""
    found = _button(shown, _GO_ON)
    return None if found is None or found.disabled else found


def _wants_password(shown: Shown) -> bool:
    entered = [one for one in shown.fields if one.type == "password"]
    if len(entered) > 1 or any("new" in one.autocomplete or "new" in one.name.lower() for one in entered):
        return True
    return not shown.path.startswith("/accounts/login") and bool(entered) and bool(_NEW_PASSWORD.search(shown.text))


def _offers_ways(shown: Shown) -> bool:
    return bool(ways(shown)) and ("challengepicker" in shown.path or bool(shown.choices))


def _by_words(shown: Shown) -> Kind | None:
    if shown.fields:
        return None
    meanings = (
        (Kind.DENIED, _DENIED),
        (Kind.CAPTCHA, _CAPTCHA_TEXT),
        (Kind.SELFIE, _PHOTO),
        (Kind.NEW_PASSWORD, _NEW_PASSWORD),
        (Kind.APPROVAL, _APPROVE),
    )
    return next((meant for meant, words in meanings if words.search(shown.text)), None)


def _is_text(field: Field) -> bool:
    return field.type in ("text", "tel", "number", "")


def _way(label: str) -> CodeMethod | None:
    return next((method for method, words in _WAYS.items() if words.search(label)), None)


def _button(shown: Shown, words: re.Pattern[str]) -> Button | None:
    return next((one for one in shown.buttons if words.search(one.label)), None)
