"""Addresses map to places in the login, and the page's own login calls are recognised."""

import pytest

from worker.platforms.instagram_web.site.selectors import Place, is_login_call, place

SITE = "https://www.instagram.com"


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/accounts/login/", None),
        ("/accounts/login/two_factor?next=%2F", Place.CODE),
        ("/two_step_verification/two_factor/?encrypted_context=x", Place.CODE),
        ("/challenge/?next=/", Place.STOP),
        ("/auth_platform/codeentry/?apc=x", Place.STOP),
        ("/accounts/suspended/", Place.STOP),
        ("/consent/?flow=terms", Place.STOP),
        ("/privacy/consent/", Place.STOP),
        ("/accounts/onetap/?next=%2F", Place.IN),
        ("/bella.rossi/", None),
    ],
)
def test_an_address_tells_its_place(path: str, where: Place | None) -> None:
    assert place(SITE + path) is where


@pytest.mark.parametrize(
    ("path", "name", "tells"),
    [
        ("/api/v1/web/accounts/login/ajax/", None, True),
        ("/accounts/login/ajax/two_factor/", None, True),
        ("/api/v1/web/accounts/send_two_factor_login_sms/", None, True),
        ("/api/graphql", "useTwoFactorLoginValidateCodeMutation", True),
        ("/api/graphql", "PolarisProfilePageContentQuery", False),
        ("/api/graphql", None, False),
        ("/api/v1/users/1/info/?next=/accounts/login/ajax/", None, False),
    ],
)
def test_only_the_logins_own_calls_are_read(path: str, name: str | None, tells: bool) -> None:
    assert is_login_call(SITE + path, name) is tells
