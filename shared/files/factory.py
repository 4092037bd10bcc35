"""Chooses the `Files` of a process: Supabase Storage where SUPABASE_URL is set, else the folder of this machine."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import ConfigError
from shared.files.folder import Files, FolderFiles
from shared.settings import Settings


def for_worker(settings: Settings) -> Files:
    """Files of all users; raises ConfigError where the project's secret key is missing."""
    if settings.supabase_url is None:
        return _folder(settings)
    from shared.files.supabase import SupabaseFiles

    key = _given(settings.supabase_secret_key, "SUPABASE_SECRET_KEY", "sb_secret_…")
    return SupabaseFiles(settings.supabase_url, key)


def for_web(settings: Settings, person: Callable[[], str | None]) -> Files:
    """Files in the name of the signed-in user; `person` returns the user's access token.

    Raises ConfigError where the project's publishable key is missing. The web never holds the secret one.
    """
    if settings.supabase_url is None:
        return _folder(settings)
    from shared.files.supabase import SupabaseFiles

    key = _given(settings.supabase_publishable_key, "SUPABASE_PUBLISHABLE_KEY", "sb_publishable_…")
    return SupabaseFiles(settings.supabase_url, key, person)


def _folder(settings: Settings) -> Files:
    files = FolderFiles(settings.data_dir / "exports")
    files.close_to_others()
    return files


def _given(key: str | None, name: str, example: str) -> str:
    if key is None:
        raise ConfigError(f"SUPABASE_URL is set and {name} is not; for example {name}={example}")
    return key
