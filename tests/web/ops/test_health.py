"""`/healthz` answers in time whoever asks, whatever the database does, and is green only where people can be served."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from pathlib import Path
from threading import Event

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.installation import is_proof, proof
from shared.settings import load
from tests.conftest import Database
from tests.rig.doors import gate
from tests.web.conftest import MakeApp
from tests.web.served import served
from web.auth.session import cookie_name
from web.ops.health import AWAY, OLDER, Probe


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A new application, because it remembers whether the database answered."""
    return make_app()


def asked(address: str, host: str = "healthcheck.railway.app") -> tuple[int, str]:
    """The status and the word of `/healthz`, asked as the platform asks; ends with an error when it does not answer."""
    request = urllib.request.Request(f"{address}/healthz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=240) as answer:
            return answer.status, json.load(answer)["status"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["status"]


def test_the_platforms_own_host_is_answered_without_a_redirect_to_https(make_app: MakeApp) -> None:
    client = make_app(public_url="https://rollcall.example.org", trusted_proxies=1).test_client()
    answer = client.get("/healthz", headers={"Host": "healthcheck.railway.app"})
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_schema_older_than_the_code_is_red_until_it_is_migrated(
    client: FlaskClient, owner: psycopg.Connection[dict[str, object]]
) -> None:
    last = owner.execute(
        "delete from supabase_migrations.schema_migrations where version ="
        " (select max(version) from supabase_migrations.schema_migrations) returning version"
    ).fetchone()
    assert last is not None
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": OLDER})
    owner.execute("insert into supabase_migrations.schema_migrations (version) values (%s)", [last["version"]])
    assert client.get("/healthz").status_code == 200


def test_a_schema_from_before_the_question_is_red(
    client: FlaskClient, owner: psycopg.Connection[dict[str, object]]
) -> None:
    owner.execute("drop function rollcall.is_applied(text)")
    assert client.get("/healthz").json == {"status": OLDER}


def test_a_look_that_does_not_end_is_away_and_only_one_is_under_way() -> None:
    begun, end = [], Event()

    def look() -> str:
        begun.append(1)
        end.wait()
        return "ok"

    probe = Probe(look, patience=0.05)
    assert [probe.ask(), probe.ask()] == [AWAY, AWAY]
    assert begun == [1]
    end.set()
    assert Probe(look).ask() == "ok"


@pytest.mark.slow
def test_a_frozen_database_is_red_in_time_while_every_thread_hangs_and_green_again_after(
    database: Database, tmp_path: Path
) -> None:
    with gate(database.web) as way, served(way.url, tmp_path, WEB_THREADS="1") as web:
        assert asked(web.address) == (200, "ok")
        way.freeze()
        with socket.create_connection(("127.0.0.1", web.port)) as hangs:
            cookie = f"{cookie_name(load({}))}={'t' * 43}"
            hangs.sendall(f"GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n".encode())
            assert asked(web.address) == (503, AWAY)
            assert asked(web.address) == (503, AWAY)
            way.thaw()
            assert hangs.recv(12) == b"HTTP/1.1 200"
        assert asked(web.address) == (200, "ok")


def test_only_who_has_the_secret_key_gives_the_proof_of_a_nonce(client: FlaskClient) -> None:
    secret = str(client.application.secret_key)
    told = client.get("/healthz?nonce=abc").get_json()
    assert told == {"status": "ok", "proof": proof(secret, "abc")}
    assert is_proof(told["proof"], secret, "abc")
    assert not is_proof(told["proof"], secret, "abd")
    assert not is_proof(told["proof"], "another", "abc")
    assert not is_proof(told["proof"], None, "abc")
    assert client.get("/healthz?nonce=" + "a" * 5000).get_json()["proof"] == proof(secret, "a" * 64)
