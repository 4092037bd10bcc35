"""Instagram, as Rollcall declares it."""

from shared.platforms.platform import Platform, WayIn

INSTAGRAM = Platform("instagram", "Instagram", (WayIn.BROWSER, WayIn.DATA_DOWNLOAD))
