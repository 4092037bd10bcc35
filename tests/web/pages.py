"""Reading pages as a person's browser would."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def form_token(browser: FlaskClient, path: str = "/login") -> str:
    """The token of the forms of this browser, as its pages carry it."""
    match = re.search(r'name="csrf-token" content="([^"]+)"', browser.get(path, follow_redirects=True).text)
    assert match is not None
    return match[1]


def post(browser: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Sends a form with the token that the page would have sent."""
    return browser.post(path, data={"csrf_token": form_token(browser), **fields})
