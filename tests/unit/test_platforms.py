"""Both halves of each platform are there, and the declarations hold what web, plan and worker rely on."""

import pytest

from shared.domain.job_kinds import EVERY, SESSION_KINDS
from shared.domain.jobs import JobKind
from shared.errors import NotOffered
from shared.messages import Message
from shared.platforms import PLATFORMS, Platform, Provider, WayIn, label_of, provided_by
from shared.settings import Settings, setting_fields
from tests.conftest import REPO
from web.connect.apps import APPS
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
def test_each_way_in_but_a_data_download_has_an_opener_and_no_other_has(platform: Platform) -> None:
    client = registry.clients(BrowserPool(Settings()), Settings())[platform.name]
    assert client.openers.keys() == set(platform.ways_in) - {WayIn.DATA_DOWNLOAD}
    with pytest.raises(NotOffered):
        client.opener("telegraph")


@pytest.mark.parametrize("platform", EVERY_PLATFORM)
def test_a_declaration_is_whole(platform: Platform) -> None:
    assert PLATFORMS[platform.name] is platform
    assert platform.name.isidentifier()
    assert platform.kinds & set(EVERY), "nothing would ever be due"
    assert platform.url_of("some.one").startswith("https://")
    assert "some.one" in platform.url_of("some.one")
    texts = (platform.username_hint, platform.username_fault, *platform.endpoints.values())
    assert all(isinstance(text, Message) for text in texts), "what people read can be translated"


@pytest.mark.parametrize("platform", EVERY_PLATFORM)
def test_a_provider_has_a_way_in_an_app_a_page_of_documents_and_words_for_its_scopes(platform: Platform) -> None:
    assert set(platform.providers) <= set(platform.ways_in)
    assert set(platform.shows) == set(platform.ways_in), "the table of all ways in has a column for each"
    for provider in platform.providers.values():
        assert provider.name in APPS
        assert (REPO / "docs" / "connect" / f"{provider.name}.md").is_file()
        assert provider.required <= set(provider.scopes)
        assert set(provider.scope_words) == set(provider.scopes)
        assert provided_by(provider.name) == (platform, *_way_of(platform, provider))
        assert set(provider.app_settings) <= {f.metadata["name"] for f in setting_fields()}


@pytest.mark.parametrize("platform", EVERY_PLATFORM)
def test_each_kind_is_offered_by_some_way_in_and_the_official_one_comes_first(platform: Platform) -> None:
    ways = platform.by_rank()
    assert set(ways) == set(platform.ways_in) - {WayIn.DATA_DOWNLOAD}
    assert list(ways) == sorted(ways, key=lambda way: way not in platform.providers)
    offered = frozenset[JobKind]().union(*(platform.offers(way) for way in ways))
    assert platform.kinds - {JobKind.DERIVE} <= offered <= platform.kinds | SESSION_KINDS
    assert len(ways) == 1 or set(platform.reads) == set(ways), "of several ways in each says what it can do"


def test_no_provider_has_an_unknown_name() -> None:
    assert provided_by("friendster") is None


def _way_of(platform: Platform, provider: Provider) -> tuple[WayIn, Provider]:
    return next((way, one) for way, one in platform.providers.items() if one is provider)


def test_a_name_that_only_another_version_knows_is_shown_as_it_is() -> None:
    assert label_of("friendster") == "friendster"
