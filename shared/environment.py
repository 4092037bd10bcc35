"""The environment for programs that Rollcall starts: a few names, and no secret among them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from shared.settings import setting_fields

_NAMES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "TMP", "TEMP"),
        *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "LD_LIBRARY_PATH", "VIRTUAL_ENV"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "CHROME_DEVEL_SANDBOX", "PGSERVER_POSTGRES_VERSION"),
        *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"),
        *("PROGRAMFILES", "PROGRAMFILES(X86)", "DEBIAN_FRONTEND"),
    }
)
_BEGINNINGS = ("LC_", "XDG_", "FONTCONFIG_", "PLAYWRIGHT_", "PYTHON")


def needed_variables(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for a foreign program: paths, language, display, proxies."""
    given = os.environ if environ is None else environ
    return {name: value for name, value in given.items() if name in _NAMES or name.startswith(_BEGINNINGS)}


def public_settings(private: frozenset[str], environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The settings of the environment, in both their forms, without those that are `private`."""
    given = os.environ if environ is None else environ
    names = {f.metadata["name"] for f in setting_fields()} - private
    return {name: value for name, value in given.items() if name.removesuffix("_FILE") in names or name in names}


@contextmanager
def only_needed_variables() -> Iterator[None]:
    """Reduces this process's environment, for the block, to the variables that its programs and libpq need.

    Read the settings before. A password for libpq goes too: `shared.db.reach.with_password` keeps it.
    """
    before = dict(os.environ)
    keep = needed_variables(before) | {name: value for name, value in before.items() if _is_libpqs(name)}
    _become(keep)
    try:
        yield
    finally:
        _become(before | {name: value for name, value in os.environ.items() if name not in keep})


def _is_libpqs(name: str) -> bool:
    return name.startswith("PG") and name != "PGPASSWORD"


def _become(environ: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(environ):
        del os.environ[name]
    os.environ.update(environ)
