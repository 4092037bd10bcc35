"""The platforms that Rollcall knows: what web, worker and database say and check of each."""

from shared.platforms.instagram import INSTAGRAM
from shared.platforms.platform import Platform

PLATFORMS: tuple[Platform, ...] = (INSTAGRAM,)
