"""One frozen `Settings` from the environment. Each value may stand in NAME or in the file that NAME_FILE names."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from platformdirs.unix import Unix

from shared import values
from shared.connection_string import connection_string
from shared.domain.input.email_addresses import clean_address
from shared.errors import ConfigError

T = TypeVar("T")


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
    if value.lower() not in known:
        raise ValueError("is neither true nor false")
    return known[value.lower()]


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value.strip()):
            raise ValueError("is not a whole number")
        if not low <= int(value) <= high:
            raise ValueError(f"is not between {low} and {high}")
        return int(value)

    return parse


def _duration(unit: str, low: float, high: float) -> Callable[[str], timedelta]:
    def parse(value: str) -> timedelta:
        try:
            amount = float(value)
        except ValueError:
            raise ValueError(f"is not a number of {unit}") from None
        if not low <= amount <= high:
            raise ValueError(f"is not between {low:g} and {high:g} {unit}")
        return timedelta(**{unit: amount})

    return parse


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"is not one of {', '.join(allowed)}")
        return value

    return parse


def _browser(value: str) -> Path:
    path = Path(value).expanduser()
    if not path.is_file() or not os.access(path, os.X_OK):
        raise ValueError("is not a program on this machine")
    return path


def _port(value: str) -> int:
    return _whole(0, 65535)(value)


def _addresses(value: str) -> frozenset[str]:
    given = [one for one in value.split(",") if one.strip()]
    found = frozenset(clean for one in given if (clean := clean_address(one)))
    if not given or any(clean_address(one) is None for one in given):
        raise ValueError("is not a list of e-mail addresses with commas between them")
    return found


def _graph_version(value: str) -> str:
    if not re.fullmatch(r"v[1-9][0-9]\.[0-9]", value):
        raise ValueError("is not a version such as v27.0")
    return value


def _address(value: str) -> str:
    if clean_address(value) is None:
        raise ValueError("is not an e-mail address")
    return value


def setting(name: str, default: T, parse: Callable[[str], T], doc: str, example: str, *, secret: bool = False) -> T:
    """A dataclass field that documents itself; `.env.example` and the docs are checked against it."""
    made: T = field(
        default=default,
        repr=not secret,
        metadata={"name": name, "parse": parse, "doc": doc, "example": example, "secret": secret},
    )
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set, with its default. Build it with `load()`."""

    data_dir: Path = setting(
        "ROLLCALL_DATA_DIR",
        Path(Unix("rollcall").user_data_dir),
        lambda v: Path(v).expanduser().absolute(),
        "Folder for the embedded database, the keys and the export files. Unset: ~/.local/share/rollcall.",
        "/var/lib/rollcall",
    )
    database_url: str | None = setting(
        "DATABASE_URL",
        None,
        connection_string,
        "PostgreSQL 15 or later. Unset: an embedded PostgreSQL in the data folder.",
        "postgresql://rollcall_web:…@db.example.org:5432/postgres",
        secret=True,
    )
    supabase_url: str | None = setting(
        "SUPABASE_URL",
        None,
        values.url("http", "https", path=False),
        "Address of a Supabase project. With it people sign in there, and export files lie there.",
        "https://abcdefghijklmnop.supabase.co",
    )
    supabase_publishable_key: str | None = setting(
        "SUPABASE_PUBLISHABLE_KEY",
        None,
        values.key,
        "The project's publishable key, or its legacy `anon` key. For the web.",
        "sb_publishable_…",
        secret=True,
    )
    supabase_secret_key: str | None = setting(
        "SUPABASE_SECRET_KEY",
        None,
        values.key,
        "The project's secret key, or its legacy `service_role` key. For the worker only.",
        "sb_secret_…",
        secret=True,
    )
    supabase_jwt_secret: str | None = setting(
        "SUPABASE_JWT_SECRET",
        None,
        _text,
        "The JWT secret of a project that signs with it (HS256). Unset: the project's public signing keys are used.",
        "(the project's settings, JWT keys)",
        secret=True,
    )
    host: str = setting(
        "HOST",
        "127.0.0.1",
        values.host,
        "Address or name the web server listens on: 0.0.0.0 or * is every IPv4 address of the machine, :: every "
        "IPv6 one; brackets around an IPv6 address are optional.",
        "0.0.0.0",  # noqa: S104
    )
    port: int = setting("PORT", 8642, _port, "Port the web server listens on; 0 takes a free one.", "8642")
    health_port: int | None = setting(
        "HEALTH_PORT",
        None,
        _whole(1, 65535),
        "Port of its own for `/healthz`, for the web; it answers when the pages' port takes no more connections. "
        "`rollcall health` asks there. Unset: on the pages' port only.",
        "8652",
    )
    public_url: str | None = setting(
        "PUBLIC_URL",
        None,
        values.url("http", "https", path=False),
        "Address that people open. With https, cookies are sent over https only. Unset: http at HOST and PORT.",
        "https://rollcall.example.org",
    )
    trusted_proxies: int = setting(
        "TRUSTED_PROXIES",
        0,
        _whole(0, 5),
        "Number of reverse proxies in front whose word on the caller's address Rollcall believes.",
        "1",
    )
    web_threads: int = setting("WEB_THREADS", 8, _whole(1, 64), "Threads that answer requests.", "8")
    secret_key: str | None = setting(
        "SECRET_KEY",
        None,
        _text,
        "Signs form tokens and download links; at least 32 characters. Unset: made at first start in the data folder.",
        "(openssl rand -hex 32)",
        secret=True,
    )
    sealing_key: str | None = setting(
        "SEALING_KEY",
        None,
        _text,
        "Public half of the worker's key, for the web process. Unset: read from the data folder.",
        "(rollcall keys generate --print)",
    )
    worker_keys: str | None = setting(
        "WORKER_KEYS",
        None,
        _text,
        "The worker's key ring, for the worker process only. Unset: read from the data folder.",
        "(rollcall keys generate --print)",
        secret=True,
    )
    signup_open: bool = setting("SIGNUP_OPEN", True, _flag, "Whether new people may create an account.", "false")
    session_longest: timedelta = setting(
        "SESSION_MAX_DAYS",
        timedelta(days=90),
        _duration("days", 0.01, 365),
        "Days after signing in until a sign-in ends, however often it is used.",
        "90",
    )
    session_lifetime: timedelta = setting(
        "SESSION_DAYS",
        timedelta(days=14),
        _duration("days", 0.01, 365),
        "Days after the last visit until a sign-in ends.",
        "14",
    )
    export_link_lifetime: timedelta = setting(
        "EXPORT_LINK_MINUTES",
        timedelta(minutes=15),
        _duration("minutes", 1, 1440),
        "Minutes that a download link is good for.",
        "15",
    )
    export_lifetime: timedelta = setting(
        "EXPORT_KEEP_HOURS",
        timedelta(hours=72),
        _duration("hours", 1, 8760),
        "Hours until an export file is removed.",
        "72",
    )
    keep_attempts: int = setting(
        "KEEP_ATTEMPTS_DAYS",
        90,
        _whole(0, 36500),
        "Days that the attempts at an ended job are kept; 0 keeps them for ever.",
        "90",
    )
    keep_jobs: int = setting(
        "KEEP_JOBS_DAYS",
        365,
        _whole(0, 36500),
        "Days that jobs are kept after their end; the newest of each kind stays. 0 keeps them for ever.",
        "365",
    )
    keep_alerts: int = setting(
        "KEEP_ALERTS_DAYS",
        365,
        _whole(0, 36500),
        "Days that alerts are kept; 0 keeps them for ever.",
        "365",
    )
    keep_metrics: int = setting(
        "KEEP_METRICS_DAYS",
        0,
        _whole(0, 36500),
        "Days that the earlier figures of a post are kept; the newest stay. 0 keeps them for ever.",
        "730",
    )
    data_download_max_mb: int = setting(
        "DATA_DOWNLOAD_MAX_MB",
        2048,
        _whole(1, 8192),
        "Largest data download that may be uploaded on the page, in megabytes.",
        "2048",
    )
    uploads_max_mb: int = setting(
        "UPLOADS_MAX_MB",
        4096,
        _whole(1, 65536),
        "Megabytes that all running uploads may take together; one upload of DATA_DOWNLOAD_MAX_MB always fits.",
        "4096",
    )
    instagram_base_url: str = setting(
        "INSTAGRAM_BASE_URL",
        "https://www.instagram.com",
        values.url("http", "https"),
        "Address at which Instagram is read.",
        "https://www.instagram.com",
    )
    instagram_app_id: str | None = setting(
        "INSTAGRAM_APP_ID",
        None,
        values.key,
        "Instagram app id of the app at Meta, for web and worker. Unset: Instagram is not offered by its official API.",
        "990602627938098",
    )
    instagram_app_secret: str | None = setting(
        "INSTAGRAM_APP_SECRET",
        None,
        values.key,
        "Instagram app secret of the app at Meta. For the worker only.",
        "(the app's dashboard, Instagram, API setup)",
        secret=True,
    )
    instagram_authorize_url: str = setting(
        "INSTAGRAM_AUTHORIZE_URL",
        "https://www.instagram.com",
        values.url("http", "https"),
        "Address of Instagram's consent page, for the web.",
        "https://www.instagram.com",
    )
    instagram_oauth_url: str = setting(
        "INSTAGRAM_OAUTH_URL",
        "https://api.instagram.com",
        values.url("http", "https"),
        "Address at which Instagram exchanges a code, for the worker.",
        "https://api.instagram.com",
    )
    instagram_graph_url: str = setting(
        "INSTAGRAM_GRAPH_URL",
        "https://graph.instagram.com",
        values.url("http", "https"),
        "Address of Instagram's official API, for the worker.",
        "https://graph.instagram.com",
    )
    meta_app_id: str | None = setting(
        "META_APP_ID",
        None,
        values.key,
        "App id of the app at Meta, for web and worker. Unset: Instagram is not offered by Facebook's login.",
        "1126218129173214",
    )
    meta_app_secret: str | None = setting(
        "META_APP_SECRET",
        None,
        values.key,
        "App secret of the app at Meta. For the worker only.",
        "(the app's dashboard, App settings, Basic)",
        secret=True,
    )
    facebook_dialog_url: str = setting(
        "FACEBOOK_DIALOG_URL",
        "https://www.facebook.com",
        values.url("http", "https"),
        "Address of Facebook's consent page, for the web.",
        "https://www.facebook.com",
    )
    facebook_graph_url: str = setting(
        "FACEBOOK_GRAPH_URL",
        "https://graph.facebook.com",
        values.url("http", "https"),
        "Address of Facebook's official API, for the worker.",
        "https://graph.facebook.com",
    )
    graph_version: str = setting(
        "GRAPH_VERSION",
        "v27.0",
        _graph_version,
        "Version of Meta's Graph API that web and worker ask for; `/admin` and `rollcall doctor` tell its end.",
        "v27.0",
    )
    google_client_id: str | None = setting(
        "GOOGLE_CLIENT_ID",
        None,
        values.key,
        "Client id of the app at Google, for web and worker. Unset: YouTube is not offered by its official API.",
        "1234567890-abc.apps.googleusercontent.com",
    )
    google_client_secret: str | None = setting(
        "GOOGLE_CLIENT_SECRET",
        None,
        values.key,
        "Client secret of the app at Google. For the worker only.",
        "GOCSPX-…",
        secret=True,
    )
    google_accounts_url: str = setting(
        "GOOGLE_ACCOUNTS_URL",
        "https://accounts.google.com",
        values.url("http", "https"),
        "Address of Google's consent page, for the web.",
        "https://accounts.google.com",
    )
    google_oauth_url: str = setting(
        "GOOGLE_OAUTH_URL",
        "https://oauth2.googleapis.com",
        values.url("http", "https"),
        "Address at which Google gives and revokes tokens, for the worker.",
        "https://oauth2.googleapis.com",
    )
    youtube_api_url: str = setting(
        "YOUTUBE_API_URL",
        "https://www.googleapis.com",
        values.url("http", "https"),
        "Address of the YouTube Data API, for the worker.",
        "https://www.googleapis.com",
    )
    youtube_analytics_url: str = setting(
        "YOUTUBE_ANALYTICS_URL",
        "https://youtubeanalytics.googleapis.com",
        values.url("http", "https"),
        "Address of the YouTube Analytics API, for the worker.",
        "https://youtubeanalytics.googleapis.com",
    )
    youtube_derived_metrics: bool = setting(
        "YOUTUBE_DERIVED_METRICS",
        False,
        _flag,
        "Whether figures that Rollcall works out itself are shown of YouTube, and its figures kept beyond 30 days. "
        "YouTube's policies allow both only to who has accepted its amendment for derived metrics.",
        "true",
    )
    tiktok_client_key: str | None = setting(
        "TIKTOK_CLIENT_KEY",
        None,
        values.key,
        "Client key of the app at TikTok, for web and worker. Unset: TikTok is not offered.",
        "aw1b2c3d4e5f6g7h",
    )
    tiktok_client_secret: str | None = setting(
        "TIKTOK_CLIENT_SECRET",
        None,
        values.key,
        "Client secret of the app at TikTok. For the worker only.",
        "(the app's page in TikTok's portal)",
        secret=True,
    )
    tiktok_authorize_url: str = setting(
        "TIKTOK_AUTHORIZE_URL",
        "https://www.tiktok.com",
        values.url("http", "https"),
        "Address of TikTok's consent page, for the web.",
        "https://www.tiktok.com",
    )
    tiktok_api_url: str = setting(
        "TIKTOK_API_URL",
        "https://open.tiktokapis.com",
        values.url("http", "https"),
        "Address of TikTok's official API, for the worker.",
        "https://open.tiktokapis.com",
    )
    browser_path: Path | None = setting(
        "BROWSER_PATH",
        None,
        _browser,
        "Chromium or Chrome to use. Unset: Playwright's own, else the system's.",
        "/usr/bin/chromium",
    )
    browser_endpoint: str | None = setting(
        "BROWSER_ENDPOINT",
        None,
        values.url("ws", "wss", "http", "https", login=True),
        "A browser on another machine, for the worker: a Playwright server (ws, wss) or DevTools (http, https).",
        "wss://browser.example.org:3000/…",
        secret=True,
    )
    browser_headless: bool = setting(
        "BROWSER_HEADLESS", True, _flag, "Whether the browser runs without a window.", "true"
    )
    browser_sandbox: bool = setting(
        "BROWSER_SANDBOX",
        True,
        _flag,
        "Whether the browser keeps its own sandbox. Switched off by itself for root; containers without user "
        "namespaces need false.",
        "false",
    )
    browser_context_jobs: int = setting(
        "BROWSER_RECYCLE_JOBS", 50, _whole(1, 100000), "Jobs after which the browser is restarted.", "50"
    )
    pace: timedelta = setting(
        "PACE_SECONDS",
        timedelta(seconds=3),
        _duration("seconds", 0, 3600),
        "Shortest time between two pages read from a profile, in seconds.",
        "3",
    )
    pace_jitter: timedelta = setting(
        "PACE_JITTER_SECONDS",
        timedelta(seconds=2),
        _duration("seconds", 0, 3600),
        "Longest random time added to each pause, in seconds.",
        "2",
    )
    requests_per_day: int = setting(
        "REQUESTS_PER_DAY",
        1000,
        _whole(0, 1_000_000),
        "Most requests to Instagram for one profile in 24 hours; 0 sets no limit. More is riskier for the account.",
        "1000",
    )
    rate_limit_rest: timedelta = setting(
        "RATE_LIMIT_REST_HOURS",
        timedelta(hours=4),
        _duration("hours", 0.001, 720),
        "Hours of cool-down after Instagram asked to wait; three and six times as long when it happens again.",
        "4",
    )
    code_wait: timedelta = setting(
        "CODE_WAIT_SECONDS",
        timedelta(minutes=10),
        _duration("seconds", 10, 3600),
        "Seconds a login waits for a security code.",
        "600",
    )
    worker_concurrency: int = setting(
        "WORKER_CONCURRENCY", 2, _whole(1, 100), "Jobs that one worker runs at the same time.", "2"
    )
    worker_lease: timedelta = setting(
        "WORKER_LEASE_SECONDS",
        timedelta(seconds=60),
        _duration("seconds", 1, 3600),
        "Seconds after which a silent worker's job goes to another.",
        "60",
    )
    worker_drain: timedelta = setting(
        "WORKER_DRAIN_SECONDS",
        timedelta(seconds=20),
        _duration("seconds", 0, 3600),
        "Seconds a stopping worker gives its running jobs.",
        "20",
    )
    worker_poll: timedelta = setting(
        "WORKER_POLL_SECONDS",
        timedelta(seconds=5),
        _duration("seconds", 0.05, 300),
        "Seconds between two checks of the queue when no notification comes.",
        "5",
    )
    retry_base: timedelta = setting(
        "RETRY_BASE_SECONDS",
        timedelta(seconds=15),
        _duration("seconds", 0.01, 3600),
        "Seconds before the first try again; doubled each time, with jitter.",
        "15",
    )
    retry_cap: timedelta = setting(
        "RETRY_CAP_SECONDS",
        timedelta(minutes=30),
        _duration("seconds", 0.01, 86400),
        "Longest time between two tries, in seconds.",
        "1800",
    )
    scheduler: bool = setting(
        "SCHEDULER", True, _flag, "Whether this worker also enqueues what is due by schedule.", "true"
    )
    mail_from: str | None = setting(
        "MAIL_FROM",
        None,
        _address,
        "Sender of the mails about alerts; for web and worker, with one of the two ways below. Unset: no mails.",
        "rollcall@example.org",
    )
    smtp_url: str | None = setting(
        "SMTP_URL",
        None,
        values.url("smtp", "smtps", login=True),
        "Mail server, for the worker. A password is sent over TLS only.",
        "smtp://user:password@mail.example.org:587",
        secret=True,
    )
    mail_api_key: str | None = setting(
        "MAIL_API_KEY",
        None,
        values.key,
        "Key of an HTTPS mail service, for the worker; with it SMTP_URL is not used.",
        "re_…",
        secret=True,
    )
    mail_api_url: str = setting(
        "MAIL_API_URL",
        "https://api.resend.com",
        values.url("http", "https"),
        "The service of MAIL_API_KEY: Resend, or one that takes `POST /emails` as Resend does.",
        "https://api.resend.com",
    )
    log_level: str = setting(
        "LOG_LEVEL",
        "INFO",
        _choice("DEBUG", "INFO", "WARNING", "ERROR"),
        "Least severe log line that is written.",
        "INFO",
    )
    log_format: str = setting(
        "LOG_FORMAT",
        "console",
        _choice("console", "json"),
        "Form of the log lines: `console` for people, `json` for machines.",
        "json",
    )
    metrics_token: str | None = setting(
        "METRICS_TOKEN",
        None,
        values.key,
        "Bearer token that opens `/metrics`; at least 16 characters. Unset: not on the pages' port.",
        "(openssl rand -hex 32)",
        secret=True,
    )
    metrics_port: int | None = setting(
        "METRICS_PORT",
        None,
        _whole(1, 65534),
        "Port of its own for `/metrics`, for a private network; the worker has no other. With `rollcall up` the worker "
        "takes the next one. Unset: none.",
        "9464",
    )
    cron_secret: str | None = setting(
        "CRON_SECRET",
        None,
        values.key,
        "Bearer token that opens `/api/cron/…`, for the web; at least 16 characters. Unset: these addresses refuse "
        "everyone.",
        "(openssl rand -hex 32)",
        secret=True,
    )
    sentry_dsn: str | None = setting(
        "SENTRY_DSN",
        None,
        values.sentry_dsn,
        "Where faults are reported, without personal data. Unset: nowhere.",
        "https://key@sentry.example.org/1",
        secret=True,
    )
    privacy_url: str | None = setting(
        "PRIVACY_URL",
        None,
        values.url("http", "https"),
        "Your own privacy page, which `/privacy` then leads to. Unset: a page that says what Rollcall stores.",
        "https://example.org/privacy",
    )
    terms_url: str | None = setting(
        "TERMS_URL",
        None,
        values.url("http", "https"),
        "Your own terms, which `/terms` then leads to. Unset: a page with the terms of this installation.",
        "https://example.org/terms",
    )
    operators: frozenset[str] | None = setting(
        "OPERATORS",
        None,
        _addresses,
        "E-mail addresses of the accounts that may see `/admin` and get its mails, with commas between them.",
        "op@example.org",
    )

    def __post_init__(self) -> None:
        if self.secret_key is not None and len(self.secret_key) < 32:
            raise ConfigError("SECRET_KEY is shorter than 32 characters; make one with: openssl rand -hex 32")
        if self.metrics_token is not None and len(self.metrics_token) < 16:
            raise ConfigError("METRICS_TOKEN is shorter than 16 characters; make one with: openssl rand -hex 32")
        if self.cron_secret is not None and len(self.cron_secret) < 16:
            raise ConfigError("CRON_SECRET is shorter than 16 characters; make one with: openssl rand -hex 32")
        if self.worker_lease <= timedelta(0):
            raise ConfigError("WORKER_LEASE_SECONDS must be more than 0, for example 60")


def setting_fields() -> list[Field[Any]]:
    """The fields with their names, docs, examples and parsers, in the order in which they are documented."""
    return [f for f in fields(Settings) if "name" in f.metadata]


def shown_default(f: Field[Any]) -> str:
    """A field's default as it would be written in the environment, or `unset`."""
    name, default = f.metadata["name"], f.default
    if default is None or isinstance(default, Path):
        return "unset"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, timedelta):
        unit = timedelta(**{name.rsplit("_", 1)[1].lower(): 1})
        return f"{default / unit:g}"
    return str(default)


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the environment; raises ConfigError naming the variable, its fault and an example."""
    env = os.environ if environ is None else environ
    given: dict[str, Any] = {}
    for f in setting_fields():
        raw = _raw(env, f.metadata["name"])
        if raw is not None and f.name not in overrides:
            given[f.name] = _parsed(f, raw)
    return Settings(**given, **overrides)


def wrong(environ: Mapping[str, str] | None = None) -> dict[str, ConfigError]:
    """All errors that `load` would raise, by the name of the field; empty where it would raise none."""
    found: dict[str, ConfigError] = {}
    for f in setting_fields():
        try:
            load(_own(f, os.environ if environ is None else environ))
        except ConfigError as error:
            found[f.name] = error
    return found


def load_usable(environ: Mapping[str, str] | None = None) -> Settings:
    """As `load`, but a value that it would refuse keeps its default, as if it were not set."""
    env = os.environ if environ is None else environ
    faulty = wrong(env)
    good = [_own(f, env) for f in setting_fields() if f.name not in faulty]
    return load({name: value for own in good for name, value in own.items()})


def _own(f: Field[Any], env: Mapping[str, str]) -> dict[str, str]:
    name = f.metadata["name"]
    return {key: env[key] for key in (name, f"{name}_FILE") if key in env}


def _raw(env: Mapping[str, str], name: str) -> str | None:
    if path := env.get(f"{name}_FILE", "").strip():
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{name}_FILE names a file that cannot be read ({error.strerror}).") from None
        except ValueError:
            raise ConfigError(f"{name}_FILE names a file that holds no text.") from None
    return env.get(name, "").strip() or None


def _parsed(f: Field[Any], raw: str) -> object:
    """The parsed value; an error never repeats it, because people put secrets under wrong names, too."""
    try:
        return f.metadata["parse"](raw)
    except (ValueError, OverflowError, RuntimeError, OSError) as error:
        own = str(error) if type(error) is ValueError else "cannot be used"
        name, example = f.metadata["name"], f.metadata["example"]
        raise ConfigError(f"{name}: its value {own}; for example {name}={example}") from None
