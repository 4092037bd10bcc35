"""Reports to Sentry, read where they arrive, and without secrets."""

from __future__ import annotations

import gzip
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from threading import Thread
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sentry_sdk
import structlog
from flask import Flask, request
from psycopg.types.json import Jsonb
from sentry_sdk.integrations.flask import FlaskIntegration
from sentry_sdk.integrations.stdlib import StdlibIntegration

from shared import logs
from shared.errors import ConfigError, SiteFailed
from shared.settings import load
from shared.telemetry import sentry
from tests.conftest import Database, Personas
from tests.worker.fleet import Seen, until, workers

CANARY = "canary-7f3a91"
Make = Callable[..., UUID]


@dataclass
class Sentry:
    """A server that takes envelopes as Sentry does."""

    dsn: str = ""
    raw: list[bytes] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        found = []
        for body in self.raw:
            lines = body.split(b"\n")
            for header, payload in zip(lines[1::2], lines[2::2], strict=False):
                if json.loads(header)["type"] == "event":
                    found.append(json.loads(payload))
        return found


@pytest.fixture
def received() -> Iterator[Sentry]:
    told = Sentry()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.raw.append(_plain(body, self.headers.get("Content-Encoding")))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *told: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Takes) as server:
        told.dsn = f"http://public@127.0.0.1:{server.server_address[1]}/1"
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield told
        server.shutdown()


def _plain(body: bytes, encoding: str | None) -> bytes:
    """Sentry's library packs by Brotli where it is installed, else by gzip."""
    if encoding == "br":
        unpacked: bytes = import_module("brotli").decompress(body)
        return unpacked
    return gzip.decompress(body) if encoding == "gzip" else body


@pytest.fixture
def begun(received: Sentry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sentry]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    logs.configure("INFO", "json")
    sentry.begin(load({"SENTRY_DSN": received.dsn}), "web")
    yield received
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def sent(told: Sentry) -> dict[str, Any]:
    sentry_sdk.flush(10)
    assert CANARY not in b"".join(told.raw).decode()
    (event,) = told.events()
    return event


def page_with_a_fault() -> Flask:
    app = Flask("web")

    @app.post("/fault")
    def fault() -> str:
        secret = request.form["password"]
        raise ValueError(f"could not open https://www.example.org/?token={secret} with {secret}")

    return app


def visit(app: Flask) -> None:
    answer = app.test_client().post(
        f"/fault?token={CANARY}",
        data={"password": CANARY},
        headers={"Authorization": f"Bearer {CANARY}", "Cookie": f"rollcall_session={CANARY}"},
    )
    assert answer.status_code == 500


def test_a_fault_of_a_page_is_told_with_its_place_and_without_anything_of_the_request(begun: Sentry) -> None:
    with structlog.contextvars.bound_contextvars(request_id="request-0001", user_id=CANARY):
        visit(page_with_a_fault())
    event = sent(begun)
    (error,) = event["exception"]["values"]
    assert (error["type"], error["stacktrace"]["frames"][-1]["function"]) == ("ValueError", "fault")
    assert event["tags"] == {"process": "web", "request_id": "request-0001"}
    assert {"request", "user", "breadcrumbs", "extra", "contexts", "modules", "server_name"}.isdisjoint(event)
    assert {"vars", "context_line", "abs_path"}.isdisjoint(error["stacktrace"]["frames"][-1])


def test_nothing_more_leaves_where_somebody_switches_on_all_that_sentry_can_collect(begun: Sentry) -> None:
    with pytest.warns(DeprecationWarning, match="send_default_pii"):
        sentry_sdk.init(
            begun.dsn,
            send_default_pii=True,
            include_local_variables=True,
            max_request_body_size="always",
            integrations=[FlaskIntegration(), StdlibIntegration()],
            before_send=sentry.scrub,
            before_breadcrumb=sentry.no_breadcrumb,
        )
    sentry_sdk.set_user({"id": CANARY, "email": CANARY})
    sentry_sdk.set_extra("args", {"password": CANARY})
    sentry_sdk.set_tag("password", CANARY)
    sentry_sdk.set_tag("job_id", f"with a space and {CANARY}")
    sentry_sdk.add_breadcrumb(message=CANARY, data={"url": f"https://www.example.org/?{CANARY}"})
    visit(page_with_a_fault())
    sentry_sdk.capture_message(CANARY)
    sentry_sdk.flush(10)
    assert CANARY not in b"".join(begun.raw).decode()
    assert begun.events()


def test_a_log_line_is_told_by_its_name_and_a_librarys_line_by_its_logger(begun: Sentry) -> None:
    logs.get("web.http.error_pages").error("request_failed", error_code="database", path=f"/{CANARY}", password=CANARY)
    logging.getLogger("waitress").error("cannot read %s", CANARY)
    logs.get("web.http.error_pages").info("all_is_well", canary=CANARY)
    sentry_sdk.flush(10)
    assert CANARY not in b"".join(begun.raw).decode()
    ours, theirs = begun.events()
    assert ours["logentry"] == {"message": "request_failed"}
    assert ours["tags"] == {"process": "web", "error_code": "database"}
    assert (theirs["logger"], theirs["logentry"]["message"]) == ("waitress", "(not sent; it stands in the log)")


def test_an_error_of_ours_is_told_by_the_sentence_of_its_kind(begun: Sentry) -> None:
    logs.get("test").error("job_broke", exc_info=SiteFailed(f"Something with {CANARY}."))
    (error,) = sent(begun)["exception"]["values"]
    assert error["value"] == SiteFailed.sentence


def test_without_a_dsn_nothing_is_listened_to() -> None:
    before = logging.getLogger().handlers[:]
    sentry.begin(load({}), "web")
    assert logging.getLogger().handlers == before
    assert not sentry_sdk.get_client().is_active()


def test_a_dsn_that_is_none_is_a_sentence_without_its_value() -> None:
    with pytest.raises(ConfigError, match="SENTRY_DSN: its value is no DSN") as refused:
        sentry.begin(load({"SENTRY_DSN": f"https://sentry.example.org/{CANARY}"}), "web")
    assert CANARY not in refused.value.message


@pytest.mark.slow
def test_a_job_that_breaks_is_told_by_the_worker_with_the_ids_that_lead_to_its_log(
    received: Sentry,
    database: Database,
    people: Personas,
    make_profile: Make,
    make_job: Make,
    owner: psycopg.Connection[dict[str, Any]],
) -> None:
    seen, profile = Seen(owner), make_profile(people.alice, CANARY)
    args = Jsonb({"play": "leak", "canary": CANARY})
    with workers(database.worker, SENTRY_DSN=received.dsn) as (worker,):
        job = make_job(people.alice, profile, "SYNC", args=args, max_attempts=1, request_id="request-0003")
        seen.until_state(job, "FAILED")
        until(received.events, what=worker.log)
    (event,) = received.events()
    (error,) = event["exception"]["values"]
    assert error["stacktrace"]["frames"][-1]["function"] == "leak"
    assert event["logentry"]["message"] == "job_broke"
    assert event["tags"] == {
        "process": "worker", "request_id": "request-0003", "job_id": str(job), "kind": "SYNC", "fence": "1",
    }  # fmt: skip
    whole = b"".join(received.raw).decode()
    assert [word for word in (CANARY, str(people.alice), str(profile)) if word in whole] == []
