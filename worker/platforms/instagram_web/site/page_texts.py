"""The texts of the site's pages by meaning: English, German, Spanish and Portuguese in one table (IG-2.11).

A page speaks the language of the browser or of the account. Every entry is a regular expression; case does not count.
"""

from __future__ import annotations

import re
from enum import Enum, auto


class Wording(Enum):
    """The meaning of a text of the site."""

    COOKIES_LEAST = auto()
    COOKIES_ALL = auto()
    ACCEPT = auto()
    CONTINUE_AS = auto()
    ANOTHER_ACCOUNT = auto()
    NOT_NOW = auto()
    SUSPECTED = auto()
    CONTINUE = auto()
    MORE_WAYS = auto()
    RESEND = auto()
    BY_APP = auto()
    BY_SMS = auto()
    BY_WHATSAPP = auto()
    BY_BACKUP_CODE = auto()
    WRONG_PASSWORD = auto()
    UNKNOWN_USER = auto()
    THROTTLED = auto()


_TEXTS: dict[Wording, tuple[str, ...]] = {
    Wording.COOKIES_LEAST: (
        r"decline optional cookies|only allow essential cookies|reject (all|optional)( cookies)?",
        r"optionale cookies ablehnen|nur (erforderliche|essenzielle|notwendige) cookies erlauben|alle ablehnen",
        r"rechazar (las )?cookies opcionales|permitir s[oó]lo (las )?cookies (necesarias|esenciales)|rechazar todas",
        r"(recusar|rejeitar) (os )?cookies opcionais|permitir (apenas|somente) (os )?cookies (essenciais|necessários)",
    ),
    Wording.COOKIES_ALL: (
        r"(allow|accept) (all|essential and optional) cookies",
        r"(alle|erforderliche und optionale) cookies (erlauben|zulassen|akzeptieren)",
        r"(permitir|aceptar) (todas las cookies|(las )?cookies (necesarias|esenciales) y opcionales)",
        r"(permitir|aceitar) (todos os cookies|(os )?cookies (necessários|essenciais) e opcionais)",
    ),
    Wording.ACCEPT: (
        r"^(accept|allow|akzeptieren|erlauben|zulassen|aceptar|aceitar|permitir)( all| alle| todas| todos)?$",
    ),
    Wording.CONTINUE_AS: (
        r"^(continue|log in) as (?P<name>.+)$",
        r"^(weiter|anmelden) als (?P<name>.+)$",
        r"^als (?P<name>.+) (fortfahren|anmelden)$",
        r"^(continuar|iniciar sesión|entrar) como (?P<name>.+)$",
    ),
    Wording.ANOTHER_ACCOUNT: (
        r"(use|log ?in ?to) another (profile|account)|switch accounts|^not .+\?$",
        r"anderes (profil|konto) (verwenden|nutzen)|konto wechseln|^nicht .+\?$",
        r"(usar|entrar con) otr[oa] (perfil|cuenta)|cambiar de cuenta|^¿no eres .+\?$",
        r"(usar|entrar com) outr[oa] (perfil|conta)|(trocar|mudar) de conta|^não é .+\?$",
    ),
    Wording.NOT_NOW: (r"^(not now|jetzt nicht|ahora no|agora não)$",),
    Wording.SUSPECTED: (
        r"suspect.{0,60}automated (behaviou?r|activity)",
        r"(vermut|verdacht).{0,60}automatisierte[sn]? (verhalten|aktivität)",
        r"sospech.{0,60}(comportamiento automatizado|actividad automatizada)",
        r"suspeit.{0,60}(comportamento automatizado|atividade automatizada)",
    ),
    Wording.CONTINUE: (r"^(continue|next|weiter|fortfahren|continuar|siguiente|avançar|próximo)$",),
    Wording.MORE_WAYS: (
        r"another way|more options|having trouble",
        r"andere (möglichkeit|option|methode)|auf andere weise|weitere optionen",
        r"(de )?otr[oa] (forma|manera|método)|más opciones",
        r"(de )?outr[oa] (forma|maneira|método)|mais opções",
    ),
    Wording.RESEND: (
        r"resend|(get|send) (a )?(new|another) code|send (it |the code )?again",
        r"(erneut|noch einmal|nochmals?) senden|neuen code (anfordern|senden)",
        r"(volver a enviar|reenviar)|(obtener|enviar|solicitar) (un )?(nuevo código|código nuevo|otro código)",
        r"(enviar novamente|reenviar)|(obter|receber|solicitar) (um )?(novo|outro) código",
    ),
    Wording.BY_APP: (
        r"authenticat(ion|or) app",
        r"authentifizierungs-?app",
        r"(app|aplicación) de autenticación",
        r"(app|aplicativo) de autenticação",
    ),
    Wording.BY_SMS: (r"text message|\bsms\b", r"textnachricht", r"mensaje de texto", r"mensagem de texto"),
    Wording.BY_WHATSAPP: (r"whatsapp",),
    Wording.BY_BACKUP_CODE: (
        r"(backup|recovery) codes?",
        r"(backup|ersatz|wiederherstellungs)-?codes?",
        r"código(s)? (de (respaldo|recuperación)|alternativo)",
        r"código(s)? (de (backup|recuperação)|reserva)",
    ),
    Wording.WRONG_PASSWORD: (
        r"password (was|is|you entered is) incorrect|(incorrect|wrong) password",
        r"passwort (war|ist) (falsch|nicht korrekt)|(falsches|ungültiges) passwort",
        r"contraseña (no es correcta|es incorrecta|incorrecta)|contraseña que (has introducido|ingresaste) no es",
        r"senha (está|estava|é) incorreta|senha incorreta|senha que você (inseriu|digitou) está",
    ),
    Wording.UNKNOWN_USER: (
        r"username you entered|belong to an account|find (your|an) account",
        r"benutzername(, den du eingegeben hast,)? gehört|(kein|nicht .*) konto (gefunden|finden)",
        r"nombre de usuario que (has introducido|ingresaste)|no (pertenece a|encontramos) .*cuenta",
        r"nome de usuário (inserido|que você inseriu)|não (pertence a|encontramos) .*conta",
    ),
    Wording.THROTTLED: (
        r"wait a few minutes|try again later",
        r"warte(n sie)? (bitte )?(ein paar|einige) minuten|später (noch einmal|erneut)",
        r"espera unos minutos|(inténtalo|vuelve a intentarlo) .*más tarde",
        r"aguarde alguns minutos|tente novamente mais tarde",
    ),
}
CODE_LABELS = ("code", "código")
USERNAME_LABELS = ("username", "benutzername", "usuario", "usuário")
"""Parts of what fields are labelled with; a page finds them without regard to case."""
_PATTERNS = {wording: [re.compile(text, re.IGNORECASE) for text in texts] for wording, texts in _TEXTS.items()}


def pattern(wording: Wording) -> re.Pattern[str]:
    """One expression that finds the wording in any of the languages; its groups have no names."""
    joined = "|".join(f"(?:{text})" for text in _TEXTS[wording])
    return re.compile(joined.replace("(?P<name>", "("), re.IGNORECASE)


def says(text: str, wording: Wording) -> re.Match[str] | None:
    """The first match of the wording in a text, in any language; None without one."""
    tidy = " ".join(text.split())
    return next((found for one in _PATTERNS[wording] if (found := one.search(tidy))), None)


def account_on_button(text: str) -> str | None:
    """The account on a known device's button: "Continue as bella.rossi" names "bella.rossi"; None for others."""
    found = says(text, Wording.CONTINUE_AS)
    return found["name"].strip() if found else None
