"""social-auth-core signs people in at the stand-ins, renews what it got and gives it back."""

from typing import Any

import pytest
from social_core.backends.facebook import FacebookOAuth2
from social_core.backends.google import GoogleOAuth2
from social_core.backends.instagram import InstagramOAuth2
from social_core.exceptions import AuthCanceled, SocialAuthBaseException

from sandbox.google import clicks as google_clicks
from sandbox.google import server as google_server
from sandbox.google.oauth.clients import YOUTUBE
from sandbox.meta import clicks as meta_clicks
from sandbox.meta import server as meta_server
from sandbox.meta.apps import BASIC, PAGE_BASIC, PAGES_LIST
from tests.foreign.hosts import Hosts
from tests.foreign.visitor import Clicks, Site, sign_in


class Instagram(InstagramOAuth2):
    """Instagram's backend with its redirect URI as it was registered, which the platform asks for."""

    REDIRECT_STATE = False


def google_site(google: google_server.Running) -> Site:
    """A site with the client of Google's console."""
    client = google.google.client
    asked = {"access_type": "offline", "prompt": "consent"}
    return Site(KEY=client.id, SECRET=client.secret, SCOPE=[YOUTUBE], AUTH_EXTRA_ARGUMENTS=asked)


def facebook_site(meta: meta_server.Running) -> Site:
    """A site with the app of Meta's dashboard."""
    app = meta.meta.app
    return Site(KEY=app.id, SECRET=app.secret, SCOPE=[PAGE_BASIC, PAGES_LIST])


def test_a_person_signs_in_with_google(google: google_server.Running, hosts: Hosts) -> None:
    person = google.google.accounts[0]
    backend, said = sign_in(GoogleOAuth2, google_site(google), hosts, google_clicks.walk)
    assert said["email"] == person.email
    assert said["name"] == person.name
    assert backend.get_user_id({}, said) == said["sub"]
    assert YOUTUBE in said["scope"].split()


def test_a_token_of_google_is_renewed_and_given_back(google: google_server.Running, hosts: Hosts) -> None:
    backend, said = sign_in(GoogleOAuth2, google_site(google), hosts, google_clicks.walk)
    renewed = backend.refresh_token(said["refresh_token"])
    assert renewed["access_token"] != said["access_token"]
    assert backend.user_data(renewed["access_token"])["sub"] == said["sub"]
    assert backend.revoke_token(renewed["access_token"], said["sub"])
    with pytest.raises(SocialAuthBaseException):
        backend.refresh_token(said["refresh_token"])


def refused(clicks: Any) -> Clicks:
    """The clicks of a person who says no."""
    return lambda url: clicks(url, allow=False)


def test_a_person_refuses_google(google: google_server.Running, hosts: Hosts) -> None:
    with pytest.raises(AuthCanceled):
        sign_in(GoogleOAuth2, google_site(google), hosts, refused(google_clicks.walk))


def test_a_person_signs_in_with_facebook(meta: meta_server.Running, hosts: Hosts) -> None:
    person = meta.meta.people[0]
    backend, said = sign_in(FacebookOAuth2, facebook_site(meta), hosts, meta_clicks.walk)
    assert said["name"] == person.name
    assert backend.get_user_id({}, said) == person.scoped_id(meta.meta.app.id)
    assert said["expires_in"] > 0


def test_a_token_of_facebook_is_renewed_and_its_grant_ended(meta: meta_server.Running, hosts: Hosts) -> None:
    backend, said = sign_in(FacebookOAuth2, facebook_site(meta), hosts, meta_clicks.walk)
    renewed = backend.refresh_token(said["access_token"])
    assert renewed["expires_in"] > said["expires_in"]
    # Its answer to a revocation is that of versions that are over, so what happened counts.
    backend.revoke_token(renewed["access_token"], said["id"])
    for token in (said["access_token"], renewed["access_token"]):
        with pytest.raises(SocialAuthBaseException):
            backend.user_data(token)


def test_the_grant_of_another_person_is_not_ended(meta: meta_server.Running, hosts: Hosts) -> None:
    backend, said = sign_in(FacebookOAuth2, facebook_site(meta), hosts, meta_clicks.walk)
    with pytest.raises(SocialAuthBaseException):
        backend.revoke_token(said["access_token"], "1234")
    assert backend.user_data(said["access_token"])["id"] == said["id"]


def test_a_person_refuses_facebook(meta: meta_server.Running, hosts: Hosts) -> None:
    with pytest.raises(AuthCanceled):
        sign_in(FacebookOAuth2, facebook_site(meta), hosts, refused(meta_clicks.walk))


def test_a_person_signs_in_with_instagram(meta: meta_server.Running, hosts: Hosts) -> None:
    app, account = meta.meta.app, meta.meta.accounts()[0]
    site = Site(KEY=app.instagram_id, SECRET=app.instagram_secret, SCOPE=[BASIC])
    backend, said = sign_in(Instagram, site, hosts, meta_clicks.walk)
    assert backend.get_user_details(said)["username"] == account.username
    assert backend.get_user_id({}, said) == account.scoped_id(app.instagram_id) == str(said["user_id"])
