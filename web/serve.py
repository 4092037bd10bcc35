"""Builds the web's services and serves them; no other module does."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from psycopg import OperationalError
from psycopg_pool import ConnectionPool
from waitress.server import create_server
from werkzeug.middleware.proxy_fix import ProxyFix

from shared import logs
from shared.db.poolers import sessions_last
from shared.db.pools import WebConnection, web_pool
from shared.db.roles import require_row_security
from shared.domain.input.hosts import Host
from shared.errors import ConfigError, DatabaseError
from shared.files import factory
from shared.installation import secret_path
from shared.secret_file import kept_secret
from shared.settings import Settings
from shared.store.operator import admin
from shared.telemetry import sentry
from shared.vault import configured
from web import create_app
from web.auth.identity import EmbeddedIdentity, Identity
from web.auth.session import access_token
from web.connect import data_download
from web.http.body_limits import limit_bodies
from web.http.server import Service, keep_a_thread_for
from web.http.upload_limits import Uploads, Who, by_session
from web.ops import health, metrics
from web.ops.health_door import health_door

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_log = logs.get("web.serve")
_LARGEST_BODY = 320 * 1024
_LARGEST_HEADER = 64 * 1024
_MOST_CONNECTIONS = 2000
_OTHER_FILES = 200
_PATIENCE = 15.0


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises ConfigError, DatabaseError or KeyFileError when it cannot begin."""
    sentry.begin(settings, "web")
    sealing_key = configured.sealing_key(settings)
    secret_key = load_secret_key(settings)
    with open_database(settings) as pool:
        bind_operators(pool, settings)
        files = factory.for_web(settings, access_token)
        app = create_app(settings, pool, sealing_key, identity_of(settings, pool, secret_key), files, secret_key)
        with metrics.private_port(app), health_door(app.wsgi_app, settings):
            _run(behind_proxies(app.wsgi_app, settings.trusted_proxies), settings, by_session(pool, settings))


def identity_of(settings: Settings, pool: ConnectionPool[WebConnection], secret_key: str) -> Identity:
    """Supabase where SUPABASE_URL is set, else the accounts of this installation; raises ConfigError."""
    if settings.supabase_url is None:
        return EmbeddedIdentity(pool)
    # Supabase's libraries are large, and the embedded form never needs them.
    from web.auth.supabase.factory import hosted_identity

    return hosted_identity(settings, pool, secret_key)


def bind_operators(pool: ConnectionPool[WebConnection], settings: Settings) -> None:
    """Binds each address in OPERATORS to its present account; addresses that are no longer named are forgotten."""
    with pool.connection() as conn, conn.transaction():
        admin.operators_named(conn, settings.operators or ())


def behind_proxies(application: WSGIApplication, count: int) -> WSGIApplication:
    """Trusts `count` proxies in front about the caller's address and scheme, never about the host."""
    if not count:
        return application
    return ProxyFix(application, x_for=count, x_proto=count, x_host=0)


def load_secret_key(settings: Settings) -> str:
    """SECRET_KEY, or the one in the data folder, made there for its owner only at the first start."""
    if settings.secret_key is not None:
        return settings.secret_key
    path = secret_path(settings.data_dir)
    try:
        return kept_secret(path)
    except OSError as error:
        raise ConfigError(
            f"SECRET_KEY is not set, and {path} cannot be read or made ({error.strerror}); "
            "for example SECRET_KEY=(openssl rand -hex 32)"
        ) from None


@contextmanager
def open_database(settings: Settings) -> Iterator[ConnectionPool[WebConnection]]:
    """An open pool with a role that row-level security binds; raises DatabaseError where that is not possible."""
    if settings.database_url is None:
        raise DatabaseError(
            "There is no database: DATABASE_URL is not set.",
            next_step="`rollcall up` starts an embedded one and the web with it, or set DATABASE_URL.",
        )
    prepare = _examined(settings.database_url)
    # Two more than the threads for people, so that neither the health check nor an upload's header waits for one.
    with web_pool(settings.database_url, settings.web_threads + 2, prepare=prepare) as pool:
        yield pool


def _examined(url: str) -> bool:
    """Whether statements may be prepared in the database, once it answers and is safe; raises DatabaseError else."""
    try:
        with web_pool(url, 1, prepare=False) as pool:
            pool.wait(_PATIENCE)
            with pool.connection() as conn:
                require_row_security(conn)
        lasting = sessions_last(url)
    except OperationalError as error:
        _log.debug("database_unreachable", error=type(error).__name__)
        raise DatabaseError(
            "The database at DATABASE_URL does not answer, or lets no one in with this address.",
            next_step="Check that it runs, and the name and password in DATABASE_URL.",
        ) from None
    if not lasting:
        _log.info("transaction_pooler", prepared_statements=False)
    return lasting


def _most_connections() -> int:
    """The most simultaneous connections: 2,000, or as many as the limit on open files allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(soft - _OTHER_FILES, _MOST_CONNECTIONS), 50)


def _run(application: WSGIApplication, settings: Settings, who: Who) -> None:
    largest = settings.data_download_max_mb * 1024**2 + _LARGEST_BODY
    try:
        server = create_server(
            application,
            host=settings.host,
            port=settings.port,
            threads=settings.web_threads,
            max_request_body_size=largest,
            max_request_header_size=_LARGEST_HEADER,
            connection_limit=_most_connections(),
            # `select` supports no socket beyond the 1,024th.
            asyncore_use_poll=True,
            # `behind_proxies` ignores headers of untrusted proxies, and needs to see those of trusted ones.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
            ident=None,
        )
    except OSError as error:
        raise ConfigError(
            f"HOST={settings.host} PORT={settings.port} cannot be listened on ({error.strerror}); for example PORT=8643"
        ) from None
    limit_bodies(server, data_download.PATH, _LARGEST_BODY, Uploads(who, largest, settings.uploads_max_mb * 1024**2))
    keep_a_thread_for(server, health.PATH)
    service = Service(server)
    port = getattr(server, "effective_port", settings.port)
    address = settings.public_url or Host.parse(settings.host).url(port)
    _log.info("web_listening", host=settings.host, port=port, public_url=address)
    if "ROLLCALL_START" not in os.environ:
        click.echo(f"Rollcall is at {address}")
    service.run()
    _log.info("web_stopped")
