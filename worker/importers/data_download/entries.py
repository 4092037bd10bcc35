"""One entry of a list in an export: who it names, and since when. The shapes differ by year and by list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.importers.data_download.text import label_of, username, username_in_address

# The label before a username, in the languages that exports were seen or are likely in.
USERNAME_LABELS = frozenset(
    {
        "username",
        "user name",
        "nome de usuário",
        "nome de utilizador",
        "nombre de usuario",
        "nom d'utilisateur",
        "nom d’utilisateur",
        "benutzername",
        "nome utente",
        "gebruikersnaam",
        "nazwa użytkownika",
        "användarnamn",
        "brugernavn",
        "brukernavn",
        "kullanıcı adı",
        "имя пользователя",
        "ім'я користувача",
        "uživatelské jméno",
        "nama pengguna",
        "tên người dùng",
        "اسم المستخدم",
        "ユーザーネーム",
        "用户名",
        "用戶名稱",
        "사용자 이름",
    }
)
_EARLIEST = datetime(2010, 10, 6, tzinfo=UTC)  # the day Instagram began
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom an export names.

    `at` is the time of it in the export (aware, UTC), None where it has none. `uncertain` is how far it may be off to
    each side, where the export tells no time of day or summer time is in doubt; it is no part of who is meant and when.
    """

    username: str
    at: datetime | None
    uncertain: timedelta | None = field(default=None, compare=False)


def moment(value: object) -> datetime | None:
    """Epoch seconds (or milliseconds) as a time; None for 0 and for what no follow can have."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if value > 1e11 else value
    if not _EARLIEST.timestamp() <= seconds <= _LATEST.timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)


def named(entry: object) -> Named | None:
    """Who the entry names; None when it names nobody, so that it is counted as skipped."""
    if not isinstance(entry, Mapping):
        return None
    first = _first(entry.get("string_list_data"))
    name = next(filter(None, _candidates(entry, first)), None)
    if name is None:
        return None
    return Named(name, moment(first.get("timestamp")) or moment(entry.get("timestamp")))


def _candidates(entry: Mapping[str, Any], first: Mapping[str, Any]) -> Iterator[str | None]:
    """In the order in which they are to be believed (docs/platforms/instagram.md, IG-11.4)."""
    yield username(first.get("value"))
    yield username(entry.get("title"))
    labels = _labels(entry.get("label_values"))
    yield next((name for label, _, name in labels if label in USERNAME_LABELS and name), None)
    yield username_in_address(first.get("href"))
    yield next((found for _, value, _ in labels if (found := _in_instagram_address(value))), None)
    # A language that is not known: the username stands after the address and the shown name.
    yield next((name for _, _, name in reversed(labels) if name), None) if len(labels) > 2 else None


def _labels(given: object) -> list[tuple[str, object, str | None]]:
    """(label, value, the username that the value may be) of each pair, labels mended and in lower case."""
    pairs = [pair for pair in given if isinstance(pair, Mapping)] if isinstance(given, list) else []
    return [(label_of(str(pair.get("label", ""))), pair.get("value"), username(pair.get("value"))) for pair in pairs]


def _in_instagram_address(value: object) -> str | None:
    return username_in_address(value) if isinstance(value, str) and "instagram.com/" in value else None


def _first(data: object) -> Mapping[str, Any]:
    """The first of a list, or what stands bare where a list is expected."""
    found = data[0] if isinstance(data, list) and data else data
    return found if isinstance(found, Mapping) else {}
