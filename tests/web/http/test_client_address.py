"""Addresses as proxies write them: one form for the limits on trying, and for the list of sign-ins."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from tests.web.conftest import MakeApp
from web.http.client_address import network, normal
from web.serve import behind_proxies

Owner = psycopg.Connection[dict[str, Any]]


@pytest.mark.parametrize(
    ("told", "is_it"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:20000", "203.0.113.7"),
        (" 203.0.113.7:1 ", "203.0.113.7"),
        ('"203.0.113.7:1"', "203.0.113.7"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ('"[2001:DB8::1]:4711"', "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:0db8:0:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("unknown", "unknown"),
        ("_hidden", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        ("203.0.113.7:20000:1", "unknown"),
        ("example.org", "unknown"),
    ],
)
def test_an_address_has_one_form(told: str | None, is_it: str) -> None:
    assert normal(told) == is_it


@given(st.ip_addresses(), st.integers(0, 65535))
def test_a_port_changes_nothing(address: IPv4Address | IPv6Address, port: int) -> None:
    with_port = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
    assert normal(with_port) == normal(str(address))
    assert network(with_port) == network(str(address))


@given(st.text())
def test_any_text_is_an_address_or_unknown(told: str) -> None:
    assert normal(normal(told)) == normal(told)


def test_ipv6_is_counted_by_its_network_with_and_without_a_port() -> None:
    assert network("[2001:db8:0:1::5]:99") == network("2001:db8:0:1::6") == "2001:db8:0:1::/64"
    assert network("2001:db8:0:2::5") != network("2001:db8:0:1::5")


@pytest.mark.parametrize("told", ["203.0.113.7:{}", "[2001:db8::1]:{}", "::ffff:203.0.113.7", "[2001:db8::{:x}]:443"])
def test_changing_the_port_does_not_get_past_the_limit(app: Flask, told: str) -> None:
    client = Client(behind_proxies(app.wsgi_app, 1))
    token = client.get("/login").text.split('name="csrf-token" content="')[1].split('"')[0]
    statuses = [
        client.post(
            "/login",
            data={"csrf_token": token, "email": f"p{number}@example.org", "password": "x"},
            headers={"X-Forwarded-For": told.format(20000 + number)},
        ).status_code
        for number in range(61)
    ]
    assert statuses == [400] * 60 + [429]


def test_the_list_of_sign_ins_shows_the_address_without_its_port(make_app: MakeApp, owner: Owner) -> None:
    client = Client(behind_proxies(make_app().wsgi_app, 1))
    told = {"X-Forwarded-For": "6.6.6.6, 203.0.113.8:4444"}
    token = client.get("/signup").text.split('name="csrf-token" content="')[1].split('"')[0]
    form = {"csrf_token": token, "email": "dora@example.org", "password": "correct horse battery"}
    assert client.post("/signup", data=form, headers=told).status_code == 302
    assert owner.execute("select address from public.web_sessions").fetchall() == [{"address": "203.0.113.8"}]
    page = client.get("/account", headers=told).text
    assert "from 203.0.113.8<" in page
