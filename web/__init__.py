"""The web: Flask, sync, stateless. It checks, seals, enqueues and reads; it never talks to a platform (R-1)."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.files.folder import Files
from shared.settings import Settings
from shared.vault import SealingKey
from web import blueprints, page_frame, template_helpers
from web.auth.identity import Identity
from web.auth.session import session_cookie_settings
from web.auth.signing import SealedSessions
from web.connect import callbacks, data_download
from web.http import compress, error_pages, headers, origins, request_log
from web.http.fields import CleanRequest
from web.http.json_body import PlainJson
from web.ops import metrics
from web.services import Services

_LARGEST_FORM = 256 * 1024


def create_app(
    settings: Settings,
    pool: ConnectionPool[WebConnection],
    sealing_key: SealingKey,
    identity: Identity,
    files: Files,
    secret_key: str,
) -> Flask:
    """The application over an open pool; `secret_key` signs form tokens and links, `files` stores the exports."""
    app = Flask(__name__)
    app.request_class = CleanRequest
    app.json = PlainJson(app)
    app.session_interface = SealedSessions()
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=_LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=_LARGEST_FORM,
        # The token lives as long as its cookie: a form left open over lunch still works.
        WTF_CSRF_TIME_LIMIT=None,
        # `origins` compares with PUBLIC_URL, which a proxy cannot hide.
        WTF_CSRF_SSL_STRICT=False,
        TEMPLATES_AUTO_RELOAD=False,
        **session_cookie_settings(settings),
    )
    app.extensions["rollcall"] = Services(settings, pool, sealing_key, identity, files)
    request_log.log_each(app)
    page_frame.add_to(app)
    metrics.add_to(app)
    data_download.let_large_files_in(app)
    # A provider has no form of ours; the worker checks its signature instead.
    CSRFProtect(app).exempt(callbacks.bp)
    origins.keep_to_this_site(app)
    compress.add_to(app)
    headers.add_to_answers(app)
    error_pages.add_pages(app)
    template_helpers.add_to(app)
    for blueprint in blueprints.blueprints():
        app.register_blueprint(blueprint)
    return app
