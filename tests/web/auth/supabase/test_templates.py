"""The project's configuration and mail templates fit the pages that they lead to."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from flask import Flask

from tests.conftest import REPO
from web.auth.credentials import SHORTEST
from web.auth.supabase.identity import KINDS

CONFIG: dict[str, Any] = tomllib.loads((REPO / "supabase" / "config.toml").read_text(encoding="utf-8"))
TEMPLATES: dict[str, dict[str, str]] = CONFIG["auth"]["email"]["template"]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_mail_leads_to_a_page_that_uses_its_link(name: str, app: Flask) -> None:
    text = (REPO / TEMPLATES[name]["content_path"]).read_text(encoding="utf-8")
    (link,) = re.findall(r'href="\{\{ \.SiteURL \}\}(/[^"]+)"', text)
    page = app.test_client().get(link.replace("{{ .TokenHash }}", "abc123"))
    assert page.status_code == 200
    assert 'value="abc123"' in page.text
    assert "<button" in page.text


def test_each_kind_of_link_has_its_mail() -> None:
    assert {"signup" if name == "confirmation" else name for name in TEMPLATES} == set(KINDS)


def test_passwords_are_as_long_as_the_pages_say() -> None:
    assert CONFIG["auth"]["minimum_password_length"] == SHORTEST
