"""Looking people up through a real browser: the stand-in knows what became of each."""

import pytest

from shared.domain.social import LookedUp, PlatformId, Standing
from tests.worker.instagram import settings_for, signed_in, stand_in
from worker.browser.pool import BrowserPool
from worker.platforms.base import NoLimit, ReadsPublicProfiles
from worker.platforms.instagram_web.client import opener

pytestmark = pytest.mark.slow


async def test_everybody_is_found_as_the_world_has_them() -> None:
    site = stand_in(followers=40)
    settings = settings_for(site.url)
    browser = BrowserPool(settings)
    world = site.site.world
    stays, leaves, vanishes = list(world.population.followers.members)[:3]
    world.population.leave(world.now, leaves)
    world.population.vanish(world.now, vanishes)
    try:
        async with opener(browser, settings)(await signed_in(browser, site), NoLimit()) as live:
            assert isinstance(live.source, ReadsPublicProfiles)
            found = {
                pk: (await live.source.look_up(PlatformId(str(pk)), "once.called")).value
                for pk in (stays, leaves, vanishes)
            }
    finally:
        await browser.close()
        site.stop()
    names = {pk: world.population.people[pk].username for pk in found}
    assert found == {
        stays: LookedUp(Standing.FOLLOWS, names[stays]),
        leaves: LookedUp(Standing.UNFOLLOWED, names[leaves]),
        vanishes: LookedUp(Standing.GONE),
    }
