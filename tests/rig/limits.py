"""Limits of requests as Instagram's profiles have them."""

from datetime import timedelta

from shared.domain.plan import Limits
from shared.platforms.instagram import INSTAGRAM

PAGES, WINDOW = INSTAGRAM.page_sizes, INSTAGRAM.window


def limits(pace: timedelta, jitter: timedelta, per_day: int) -> Limits:
    """These limits with Instagram's page sizes and window."""
    return Limits(pace, jitter, per_day, PAGES, WINDOW)
