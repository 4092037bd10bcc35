"""Forms behind proxies of every kind, and redirects that no header of a caller leads away."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import Client

from tests.web.conftest import MakeApp
from web.http.origins import origin_of
from web.serve import behind_proxies

PUBLIC = "https://rollcall.example.org:8443"
PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


def sent(app: Flask, headers: dict[str, str]) -> tuple[int, str]:
    """The status and the page of a sign-in with a right token, as the browser and the proxy send it."""
    client = Client(behind_proxies(app.wsgi_app, 1))
    own = {**PROXIED, **headers}
    base = "https://" + own.get("Host", "rollcall.example.org")
    token = client.get("/login", base_url=base, headers=own).text.split('name="csrf-token" content="')[1].split('"')[0]
    form = {"csrf_token": token, "email": "dora@example.org", "password": "wrong"}
    answer = client.post("/login", base_url=base, data=form, headers=own)
    return answer.status_code, answer.text


@pytest.mark.parametrize("host", ["rollcall.example.org", "rollcall.example.org:8443", "rollcall:8642", "10.0.0.5"])
@pytest.mark.parametrize(
    "names",
    [
        {"Origin": PUBLIC},
        {"Origin": PUBLIC, "Referer": f"{PUBLIC}/login"},
        {"Referer": f"{PUBLIC}/login"},
        {"Origin": PUBLIC.upper().replace("HTTPS", "https")},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {},
    ],
)
def test_a_form_from_the_public_address_is_taken(make_app: MakeApp, host: str, names: dict[str, str]) -> None:
    status, page = sent(make_app(public_url=PUBLIC, trusted_proxies=1), {"Host": host, **names})
    assert status == 400
    assert "The e-mail or the password is wrong." in page


@pytest.mark.parametrize(
    "names",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://rollcall.example.org:9999"},
        {"Origin": "http://rollcall.example.org:8443"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Referer": "https://evil.example/rollcall.example.org:8443/"},
        {"Origin": "https://evil.example", "Referer": f"{PUBLIC}/login"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
    ],
)
def test_a_form_from_elsewhere_is_refused_without_advice_that_cannot_help(
    make_app: MakeApp, names: dict[str, str]
) -> None:
    status, page = sent(make_app(public_url=PUBLIC, trusted_proxies=1), {"Host": "rollcall:8642", **names})
    assert status == 400
    assert "sent from another address" in page
    assert PUBLIC in page
    assert "reload" not in page.lower()


def test_without_a_public_url_the_host_that_was_asked_decides(make_app: MakeApp) -> None:
    app = make_app(trusted_proxies=1)
    at = "rollcall.example.org"
    assert "password is wrong" in sent(app, {"Host": at, "Origin": f"https://{at}"})[1]
    told = {"Host": "rollcall:8642", "X-Forwarded-Host": at, "Origin": f"https://{at}"}
    assert "password is wrong" in sent(app, told)[1]
    assert "another address" in sent(app, {"Host": at, "Origin": "https://evil.example"})[1]


def test_over_plain_http_a_form_works_at_any_of_the_machines_names(make_app: MakeApp) -> None:
    client = Client(make_app().wsgi_app)
    token = client.get("/login").text.split('name="csrf-token" content="')[1].split('"')[0]
    form = {"csrf_token": token, "email": "dora@example.org", "password": "wrong"}
    answer = client.post("/login", data=form, headers={"Origin": "http://nas.local:8642"})
    assert "password is wrong" in answer.text


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/static//x", "/static/x"),
        ("/login//", None),
        ("/static//x?a=1&b=2", "/static/x?a=1&b=2"),
        ("/account", "/login?next=/account"),
    ],
)
@pytest.mark.parametrize("proxies", [0, 1])
def test_no_header_leads_a_redirect_away(app: Flask, path: str, where: str | None, proxies: int) -> None:
    client = Client(behind_proxies(app.wsgi_app, proxies))
    told = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "//evil.example"}
    answer = client.get(path, headers=told)
    location = answer.headers.get("Location")
    assert "evil" not in answer.text + str(location)
    if where is not None:
        assert location == where


def test_a_host_that_was_made_up_is_in_no_redirect(app: Flask) -> None:
    answer = Client(app.wsgi_app).get("/static//x", headers={"Host": "evil.example"})
    assert answer.headers["Location"] == "/static/x"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://A.example:443/x", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("https://a.example:8443/x?y", "https://a.example:8443"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("null", None),
        ("https://a.example:port/", None),
        ("https://[", None),
        ("ftp://a.example", None),
        ("", None),
        (None, None),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str | None, origin: str | None) -> None:
    assert origin_of(url) == origin
