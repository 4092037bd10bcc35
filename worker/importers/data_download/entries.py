"""Reads one entry of a list in a data download: the person and the time. The shapes differ by year and by list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.importers.data_download.text import label_of, username, username_in_address

# The label before a username, in the known or likely languages of data downloads.
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
    """A person in a data download.

    `at` is the time in the data download (aware, UTC), None without one. `uncertain` is its possible error to each
    side, where the data download has no time of day or summer time is in doubt; it does not take part in comparisons.
    """

    username: str
    at: datetime | None
    uncertain: timedelta | None = field(default=None, compare=False)


def moment(value: object) -> datetime | None:
    """Epoch seconds (or milliseconds) as a time; None for 0 and for impossible times of a follow."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if value > 1e11 else value
    if not _EARLIEST.timestamp() <= seconds <= _LATEST.timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)


def person_of(entry: object) -> Named | None:
    """The person of the entry; None when it names no one, so that it counts as skipped."""
    if not isinstance(entry, Mapping):
        return None
    first = _first(entry.get("string_list_data"))
    name = next(filter(None, _candidates(entry, first)), None)
    if name is None:
        return None
    return Named(name, moment(first.get("timestamp")) or moment(entry.get("timestamp")))


def _candidates(entry: Mapping[str, Any], first: Mapping[str, Any]) -> Iterator[str | None]:
    """The candidates for the username, the most reliable first (docs/platforms/instagram.md, IG-11.4)."""
    yield username(first.get("value"))
    yield username(entry.get("title"))
    labels = _labels(entry.get("label_values"))
    yield next((name for label, _, name in labels if label in USERNAME_LABELS and name), None)
    yield username_in_address(first.get("href"))
    yield next((found for _, value, _ in labels if (found := _in_instagram_address(value))), None)
    # An unknown language: the username comes after the address and the shown name.
    yield next((name for _, _, name in reversed(labels) if name), None) if len(labels) > 2 else None


def _labels(given: object) -> list[tuple[str, object, str | None]]:
    """(label, value, the possible username in the value) of each pair, labels mended and in lower case."""
    pairs = [pair for pair in given if isinstance(pair, Mapping)] if isinstance(given, list) else []
    return [(label_of(str(pair.get("label", ""))), pair.get("value"), username(pair.get("value"))) for pair in pairs]


def _in_instagram_address(value: object) -> str | None:
    return username_in_address(value) if isinstance(value, str) and "instagram.com/" in value else None


def _first(data: object) -> Mapping[str, Any]:
    """The first of a list, or a bare value where a list is expected."""
    found = data[0] if isinstance(data, list) and data else data
    return found if isinstance(found, Mapping) else {}
