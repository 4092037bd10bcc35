"""The dialogs that the site lays over a page, in the languages in which they were seen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialog:
    """A question and its buttons: each a label, and what it answers."""

    title: str
    text: str
    buttons: tuple[tuple[str, str], ...]
    for_strangers: bool = False


def _cookies(title: str, text: str, everything: str, least: str | None) -> Dialog:
    buttons = ((everything, "all"), (least, "essential")) if least else ((everything, "all"),)
    return Dialog(title, text, buttons, for_strangers=True)


_TITLE = "Allow the use of cookies from Instagram on this browser?"
_TEXT = "We use cookies and similar technologies to help provide and improve content."
_NOTIFY = "Know right away when people follow you or like and comment on your photos."
_SAVE = "We can save your login info on this browser so you don't need to enter it again."

DIALOGS = {
    "cookie_en": _cookies(_TITLE, _TEXT, "Allow all cookies", "Decline optional cookies"),
    "cookie_essential": _cookies(_TITLE, _TEXT, "Allow essential and optional cookies", "Only allow essential cookies"),
    "cookie_accept": _cookies("Accept cookies from Instagram on this browser?", _TEXT, "Accept", None),
    "cookie_de": _cookies(
        "Die Verwendung von Cookies durch Instagram in diesem Browser erlauben?",
        "Wir verwenden Cookies und ähnliche Technologien, um Inhalte bereitzustellen und zu verbessern.",
        "Alle Cookies erlauben",
        "Optionale Cookies ablehnen",
    ),
    "cookie_es": _cookies(
        "¿Permitir el uso de cookies de Instagram en este navegador?",
        "Usamos cookies y tecnologías similares para ofrecer y mejorar el contenido.",
        "Permitir todas las cookies",
        "Rechazar cookies opcionales",
    ),
    "cookie_pt": _cookies(
        "Permitir o uso de cookies do Instagram neste navegador?",
        "Usamos cookies e tecnologias semelhantes para fornecer e melhorar o conteúdo.",
        "Permitir todos os cookies",
        "Recusar cookies opcionais",
    ),
    "notifications": Dialog("Turn on Notifications", _NOTIFY, (("Turn On", "on"), ("Not Now", "off"))),
    "notifications_de": Dialog(
        "Benachrichtigungen aktivieren",
        "Erfahre sofort, wenn dir jemand folgt oder deine Fotos kommentiert.",
        (("Aktivieren", "on"), ("Jetzt nicht", "off")),
    ),
    "notifications_es": Dialog(
        "Activar notificaciones",
        "Entérate al momento cuando alguien te siga o comente tus fotos.",
        (("Activar", "on"), ("Ahora no", "off")),
    ),
    "notifications_pt": Dialog(
        "Ativar notificações",
        "Saiba na hora quando alguém seguir você ou comentar suas fotos.",
        (("Ativar", "on"), ("Agora não", "off")),
    ),
    "save_login": Dialog("Save your login info?", _SAVE, (("Save info", "on"), ("Not now", "off"))),
    "save_login_de": Dialog(
        "Login-Informationen speichern?",
        "Wir können deine Login-Informationen in diesem Browser speichern.",
        (("Informationen speichern", "on"), ("Jetzt nicht", "off")),
    ),
    "save_login_es": Dialog(
        "¿Guardar tu información de inicio de sesión?",
        "Podemos guardar tu información de inicio de sesión en este navegador.",
        (("Guardar información", "on"), ("Ahora no", "off")),
    ),
    "save_login_pt": Dialog(
        "Salvar suas informações de login?",
        "Podemos salvar suas informações de login neste navegador.",
        (("Salvar informações", "on"), ("Agora não", "off")),
    ),
}

SUSPICIONS = {
    "": ("We suspect automated behavior on your account", "To prevent your account from limits, stop.", "Dismiss"),
    "de": (
        "Wir vermuten automatisiertes Verhalten in deinem Konto",
        "Damit dein Konto nicht beschränkt wird.",
        "Schließen",
    ),
    "es": ("Sospechamos un comportamiento automatizado en tu cuenta", "Para evitar límites en tu cuenta.", "Descartar"),
    "pt": ("Suspeitamos de comportamento automatizado na sua conta", "Para evitar limites na sua conta.", "Descartar"),
}
