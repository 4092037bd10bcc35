"""Further checks of `rollcall doctor --hosted`: the Supabase project, its keys, its files and its clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import httpx
import jwt
import psycopg
from psycopg.conninfo import conninfo_to_dict

from cli.ops.doctor import database
from cli.ops.doctor.check import Check, leave_out, wrong
from shared.database_reasons import reason
from shared.files.supabase import BUCKETS, IMPORTS, TYPE, own_words
from shared.settings import Settings

_TIMEOUT = 10
# The largest file that Storage takes in one piece.
_LARGEST_EXPORT = 5 * 1024**3
_CLOSED = "is public"
_SETTINGS = "the project's settings, API keys"
Now = Callable[[], datetime]


class Key(StrEnum):
    """The kind of a key, by its looks: for the web's environment or for the worker's."""

    WEB = "a publishable key"
    WORKER = "a secret key"
    LEGACY_WEB = "a legacy `anon` key"
    LEGACY_WORKER = "a legacy `service_role` key"
    UNKNOWN = "no key of Supabase's"


def checks(settings: Settings) -> dict[str, Callable[[], Check]]:
    """The checks that this process's settings allow."""
    if settings.supabase_url is None:
        return {"supabase": _no_project} | _database(settings)
    return {
        "publishable key": lambda: publishable_key(settings),
        "secret key": lambda: secret_key(settings),
        "buckets": lambda: buckets(settings),
        "sign-in settings": lambda: sign_in_settings(settings),
        "signing keys": lambda: signing_keys(settings),
        "supabase clock": lambda: supabase_clock(settings),
    } | _database(settings)


def key_kind(key: str) -> Key:
    """By its beginning, or by the role that a legacy key names; nothing is verified."""
    if key.startswith("sb_publishable_"):
        return Key.WEB
    if key.startswith("sb_secret_"):
        return Key.WORKER
    try:
        role = jwt.decode(key, options={"verify_signature": False}).get("role")
    except jwt.PyJWTError:
        return Key.UNKNOWN
    return {"anon": Key.LEGACY_WEB, "service_role": Key.LEGACY_WORKER}.get(str(role), Key.UNKNOWN)


def publishable_key(settings: Settings) -> Check:
    """Whether the web's key is of the right kind and this project's."""
    name, key = "SUPABASE_PUBLISHABLE_KEY", settings.supabase_publishable_key
    if key is None:
        if settings.supabase_secret_key is not None:
            return leave_out("publishable key", f"{name} is not set", f"The web needs it: {_SETTINGS}.")
        return Check("publishable key", False, f"{name} is not set", f"The web needs it: {_SETTINGS}.")
    kind = key_kind(key)
    if kind in (Key.WORKER, Key.LEGACY_WORKER):
        mend = f"Put the publishable key there ({_SETTINGS}), and replace the secret one: the web has seen it."
        return wrong("publishable key", f"{name} holds {kind}", mend)
    return _of_this_project("publishable key", name, settings, key, kind, Key.LEGACY_WEB)


def secret_key(settings: Settings) -> Check:
    """Whether the worker's key is of the right kind and this project's."""
    name, key = "SUPABASE_SECRET_KEY", settings.supabase_secret_key
    if key is None:
        mend = f"The worker, and it alone, needs it: {_SETTINGS}."
        if settings.supabase_publishable_key is not None:
            return leave_out("secret key", f"{name} is not set", mend)
        return Check("secret key", False, f"{name} is not set", mend)
    kind = key_kind(key)
    if kind in (Key.WEB, Key.LEGACY_WEB):
        mend = f"Put the secret key there ({_SETTINGS}); with this one the worker may write no file."
        return wrong("secret key", f"{name} holds {kind}", mend)
    return _of_this_project("secret key", name, settings, key, kind, Key.LEGACY_WORKER)


def buckets(settings: Settings) -> Check:
    """Whether both buckets are there and private; only the secret key sees them."""
    if settings.supabase_secret_key is None:
        return leave_out("buckets", "that takes SUPABASE_SECRET_KEY")
    if key_kind(settings.supabase_secret_key) not in (Key.WORKER, Key.LEGACY_WORKER):
        return wrong("buckets", "cannot be looked at", "Mend what is said about the secret key first.")
    answer = _ask(settings, settings.supabase_secret_key)
    if not isinstance(answer, httpx.Response) or answer.is_error:
        return wrong("buckets", "cannot be looked at", "Mend what is said about the secret key first.")
    found = {row["id"]: row for row in answer.json()}
    faults = [
        f"{name} {fault}" for name in BUCKETS if (fault := _bucket_fault(found.get(name), _largest(settings, name)))
    ]
    mend = "Run `rollcall migrate` as the database's owner, or `rollcall doctor --hosted --mend` with the secret key."
    says = "; ".join(faults) or "exports and imports are there, private and limited"
    return Check("buckets", not faults, says, mend * bool(faults), wrong=all(name in found for name in BUCKETS))


def _largest(settings: Settings, name: str) -> int:
    """Bytes of the largest file that a bucket has to take."""
    return settings.data_download_max_mb * 1024**2 if name == IMPORTS else _LARGEST_EXPORT


def _bucket_fault(row: dict[str, Any] | None, largest: int) -> str:
    """The fault of a bucket, as a sentence's end; empty without one."""
    if row is None:
        return "is missing"
    if row["public"]:
        return _CLOSED
    if row.get("allowed_mime_types") != [TYPE]:
        return "takes files of any kind"
    limit = row.get("file_size_limit")
    if limit is None:
        return "takes files of any size"
    return f"takes {limit // 1024**2:,} MB at most, and {largest // 1024**2:,} are needed" if limit < largest else ""


def make_buckets(settings: Settings) -> list[str]:
    """Makes missing buckets, closes public ones and sets their limits with the secret key; returns the changes.

    Raises FilesAway, FilesRefused, and FileTooLarge where the project's own limit is below DATA_DOWNLOAD_MAX_MB.
    """
    from storage3 import SyncStorageClient
    from storage3.types import CreateOrUpdateBucketOptions

    if settings.supabase_url is None or settings.supabase_secret_key is None:
        return []
    done: list[str] = []
    with own_words(), httpx.Client(timeout=_TIMEOUT) as http:
        storage = SyncStorageClient(
            f"{settings.supabase_url}/storage/v1/", _headers(settings.supabase_secret_key), http_client=http
        )
        found = {bucket.id: vars(bucket) for bucket in storage.list_buckets()}
        for name in BUCKETS:
            largest = _largest(settings, name)
            wanted: CreateOrUpdateBucketOptions = {
                "public": False,
                "file_size_limit": largest,
                "allowed_mime_types": [TYPE],
            }
            if name not in found:
                storage.create_bucket(name, options=wanted)
                done.append(f"made the bucket {name}")
            elif fault := _bucket_fault(found[name], largest):
                storage.update_bucket(name, wanted)
                closed = f"closed the bucket {name} to the public"
                done.append(closed if fault == _CLOSED else f"set the limits of the bucket {name}")
    return done


def sign_in_settings(settings: Settings) -> Check:
    """Whether Auth's own switches fit Rollcall's: the people and the ways of signing up."""
    config = _auth(settings, "settings")
    if isinstance(config, str):
        return wrong("sign-in settings", config, "Mend what is said about the keys first.")
    external = config.get("external") or {}
    others = sorted(name for name, on in external.items() if on and name != "email")
    faults: list[str] = []
    if not settings.signup_open and not config.get("disable_signup"):
        faults.append("SIGNUP_OPEN is false, but Auth takes sign-ups from whoever has the publishable key")
    if settings.signup_open and config.get("disable_signup"):
        faults.append("SIGNUP_OPEN is true, but Auth takes no sign-ups")
    if not external.get("email"):
        faults.append("signing in by e-mail and password is off, and Rollcall has no other way")
    if others:
        faults.append(f"ways in that Rollcall does not show are on: {', '.join(others)}")
    if config.get("mailer_autoconfirm"):
        faults.append("addresses are not confirmed by mail, so anybody can sign up with anybody's")
    says = "; ".join(faults) or "as Rollcall needs them; whether second factors may be enrolled, Auth does not tell"
    mend = "In the project: Authentication, Sign In / Providers; compare docs/hosting-supabase.md."
    return Check("sign-in settings", not faults, says, mend * bool(faults), wrong=True)


def signing_keys(settings: Settings) -> Check:
    """Whether tokens can be checked: by the project's public keys, by SUPABASE_JWT_SECRET, or by both."""
    config, secret = _auth(settings, ".well-known/jwks.json"), settings.supabase_jwt_secret
    if isinstance(config, str):
        return wrong("signing keys", config, "Mend what is said about the keys first.")
    if secret is not None and _made_by_another(settings.supabase_publishable_key, secret):
        return wrong("signing keys", "SUPABASE_JWT_SECRET is not this project's", "Copy it: JWT keys.")
    kinds = sorted({str(key.get("alg", key.get("kty"))) for key in config.get("keys") or []})
    if not kinds and secret is None and settings.supabase_publishable_key is not None:
        says = "the project signs with its JWT secret (HS256), and SUPABASE_JWT_SECRET is not set"
        return wrong("signing keys", says, "Set it for the web, or move the project to signing keys.")
    if kinds and secret is None:
        advice = (
            "If the project still signs with its secret while the key stands by, the web needs SUPABASE_JWT_SECRET."
        )
        return Check("signing keys", True, f"public keys ({', '.join(kinds)})", advice)
    both = f"public keys ({', '.join(kinds)}) and SUPABASE_JWT_SECRET: tokens of both are taken"
    advice = "Remove SUPABASE_JWT_SECRET when the old key is revoked." if kinds else ""
    return Check("signing keys", True, both if kinds else "the JWT secret (HS256)", advice)


def _made_by_another(key: str | None, secret: str) -> bool:
    """Whether another secret than this one signed a legacy key; a new key does not show it."""
    try:
        jwt.decode(key or "", secret, ["HS256"], {"verify_exp": False, "verify_aud": False})
    except jwt.InvalidSignatureError:
        return True
    except jwt.PyJWTError:
        return False
    return False


def _auth(settings: Settings, path: str) -> dict[str, Any] | str:
    """Auth's public answer for a key of the project; a sentence without one."""
    key = settings.supabase_publishable_key or settings.supabase_secret_key or ""
    try:
        answer = httpx.get(f"{settings.supabase_url}/auth/v1/{path}", headers={"apikey": key}, timeout=_TIMEOUT)
        config = answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        return f"Auth cannot be asked ({type(error).__name__})"
    return config if isinstance(config, dict) else "Auth answers something that cannot be read"


def supabase_clock(settings: Settings, now: Now = lambda: datetime.now(UTC)) -> Check:
    """Whether this machine and Supabase agree on the time, within the second that its answers carry."""
    answer = _ask(settings, settings.supabase_publishable_key or settings.supabase_secret_key or "")
    config = answer.headers.get("Date") if isinstance(answer, httpx.Response) else None
    if config is None:
        return wrong("supabase clock", "Supabase did not tell the time", "Check SUPABASE_URL.")
    return database.skew("supabase clock", "Supabase's", parsedate_to_datetime(config), now())


def _database(settings: Settings) -> dict[str, Callable[[], Check]]:
    url = settings.database_url
    if url is None:
        mend = "Set it; `rollcall roles` prints it for web and worker."
        return {"login": lambda: Check("login", False, "DATABASE_URL is not set", mend)}
    if (fault := _unreachable(url)) is not None:
        return {"login": lambda: fault}

    def asked(name: str, check: Callable[[database.Connection], Check]) -> Callable[[], Check]:
        def answered() -> Check:
            try:
                return _connected(url, check)
            except psycopg.Error as error:
                return wrong(name, f"cannot be looked at: {reason(error)}", "Run it as the database's owner.")

        return answered

    return {name: asked(name, check) for name, check in database.CHECKS.items()}


def _connected(url: str, check: Callable[[database.Connection], Check]) -> Check:
    # Without prepared statements, so that a transaction pooler can be looked at too.
    with psycopg.connect(url, autocommit=True, connect_timeout=_TIMEOUT, prepare_threshold=None) as conn:
        return check(conn)


def _unreachable(url: str) -> Check | None:
    try:
        _connected(url, database.login)
        return None
    except psycopg.OperationalError as error:
        first = reason(error)
    host = str(conninfo_to_dict(url).get("host", ""))
    mend = "Check the address, the user and its password."
    if host.startswith("db.") and host.endswith(".supabase.co"):
        mend = "That address has IPv6 only; where there is none, use the session pooler's (docs/hosting-database.md)."
    return wrong("login", f"DATABASE_URL does not answer: {first}", mend)


def _of_this_project(name: str, setting: str, settings: Settings, key: str, kind: Key, legacy: Key) -> Check:
    if kind is Key.UNKNOWN:
        return wrong(name, f"{setting} holds {kind}", f"Copy it again: {_SETTINGS}.")
    answer = _ask(settings, key)
    if isinstance(answer, str):
        return wrong(name, f"SUPABASE_URL does not answer ({answer})", "Check the address, and that it runs.")
    if answer.is_error:
        return wrong(name, f"{setting} is not a key of the project at SUPABASE_URL", f"Copy it: {_SETTINGS}.")
    advice = "Legacy keys end with the year 2026: make a new one in the project's settings." if kind is legacy else ""
    return Check(name, True, f"{kind}, taken by the project", advice)


def _ask(settings: Settings, key: str) -> httpx.Response | str:
    """Storage's answer to a request that any key of the project may make; the name of the fault without one."""
    try:
        return httpx.get(f"{settings.supabase_url}/storage/v1/bucket", headers=_headers(key), timeout=_TIMEOUT)
    except httpx.HTTPError as error:
        return type(error).__name__


def _headers(key: str) -> dict[str, str]:
    return {"apikey": key, "Authorization": f"Bearer {key}"}


def _no_project() -> Check:
    mend = "Set it to use Supabase's sign-in and files; without it Rollcall keeps both itself."
    return leave_out("supabase", "SUPABASE_URL is not set", mend)
