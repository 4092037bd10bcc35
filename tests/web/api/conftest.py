"""A person with profiles on two platforms, and the calls of a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Personas
from tests.web.conftest import SignedInAs

Owner = psycopg.Connection[dict[str, Any]]
MakeProfile = Callable[..., UUID]
MakeConnection = Callable[..., UUID]


@pytest.fixture
def alice(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.alice)


@pytest.fixture
def charlie(people: Personas, signed_in_as: SignedInAs) -> FlaskClient:
    return signed_in_as(people.charlie)


def change(browser: FlaskClient, method: str, path: str) -> TestResponse:
    """Sends a change with the form token that the JSON interface gives."""
    status: Any = browser.get("/api/v1/auth/status").json
    return browser.open(path, method=method, headers={"X-CSRFToken": status["form_token"]})
