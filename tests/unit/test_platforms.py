"""Both halves of each platform are there, and the declarations hold what web, plan and worker rely on."""

import pytest

from shared.domain.job_kinds import EVERY
from shared.messages import Message
from shared.platforms import PLATFORMS, Platform, WayIn, label_of
from shared.settings import Settings
from worker.browser.pool import BrowserPool
from worker.platforms import registry

EVERY_PLATFORM = [pytest.param(one, id=name) for name, one in PLATFORMS.items()]


def test_each_declared_platform_has_a_client_and_each_client_a_declaration() -> None:
    clients = registry.clients(BrowserPool(Settings()), Settings())
    assert clients.keys() == PLATFORMS.keys()
    assert all(client.name == name for name, client in clients.items())


@pytest.mark.parametrize("platform", EVERY_PLATFORM)
def test_a_platform_with_a_browser_login_has_a_login_and_no_other_has(platform: Platform) -> None:
    client = registry.clients(BrowserPool(Settings()), Settings())[platform.name]
    assert (client.login is not None) is (WayIn.BROWSER in platform.ways_in)


@pytest.mark.parametrize("platform", EVERY_PLATFORM)
def test_a_declaration_is_whole(platform: Platform) -> None:
    assert PLATFORMS[platform.name] is platform
    assert platform.name.isidentifier()
    assert platform.kinds & set(EVERY), "nothing would ever be due"
    assert platform.url_of("some.one").startswith("https://")
    assert "some.one" in platform.url_of("some.one")
    texts = (platform.username_hint, platform.username_fault, *platform.endpoints.values())
    assert all(isinstance(text, Message) for text in texts), "what people read can be translated"


def test_a_name_that_only_another_version_knows_is_shown_as_it_is() -> None:
    assert label_of("friendster") == "friendster"
