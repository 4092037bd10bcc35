"""The words for the content of each platform."""

import pytest

from shared.store.media.ranking import Group
from tests.web.conftest import MakeApp
from web.text import content


@pytest.mark.parametrize(
    ("platform", "labels"),
    [
        ("youtube", ["Videos and Shorts", "Videos", "Shorts"]),
        ("tiktok", ["Videos"]),
    ],
)
def test_only_what_a_platform_has_is_named_and_once(make_app: MakeApp, platform: str, labels: list[str]) -> None:
    with make_app().test_request_context():
        assert list(content.groups(platform, Group.ALL).values()) == labels


def test_a_kind_that_the_address_names_is_offered_too(make_app: MakeApp) -> None:
    with make_app().test_request_context():
        assert list(content.groups("tiktok", Group.VIDEO)) == [Group.ALL, Group.VIDEO]
