"""Instagram, as Rollcall declares it."""

from shared.platforms.platform import Platform

INSTAGRAM = Platform("instagram", "Instagram")
