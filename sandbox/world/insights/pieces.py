"""The figures of one post or one story at a moment; those that the account's own pages show are the same."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from sandbox.world.chance import dice
from sandbox.world.posts import Kind, Post
from sandbox.world.stories import Story

from .figures import Figures


class Product(StrEnum):
    """The surface on which a piece is shown."""

    POST = "POST"
    CAROUSEL = "CAROUSEL_CONTAINER"
    REEL = "REEL"
    STORY = "STORY"


_PRODUCTS = {Kind.IMAGE: Product.POST, Kind.CAROUSEL: Product.CAROUSEL, Kind.REEL: Product.REEL}
_ON_FACEBOOK_ONE_IN = 4


@dataclass(frozen=True, slots=True)
class Fate:
    """The rates of one post, for each like that it gets in the end, and for each of its views."""

    views: float
    views_a_person: float
    saves: float
    shares: float
    reposts: float
    follows: float
    visits: float
    taps: float
    kept: float
    """The share of a reel that a view lasts."""
    skipped: float
    """The percentage of views that end within three seconds."""


def product_of(post: Post) -> Product:
    """Return the surface of a post."""
    return _PRODUCTS[post.kind]


@lru_cache(maxsize=8192)
def fate_of(pk: int) -> Fate:
    """Return the rates of a post."""
    rng = dice("fate", pk)
    return Fate(
        views=rng.uniform(12, 26),
        views_a_person=rng.uniform(1.15, 1.7),
        saves=rng.uniform(0.02, 0.2),
        shares=rng.uniform(0.02, 0.25),
        reposts=rng.uniform(0.0, 0.05),
        follows=rng.uniform(0.0, 0.03),
        visits=rng.uniform(0.02, 0.09),
        taps=rng.uniform(0.0, 0.02),
        kept=rng.uniform(0.2, 0.75),
        skipped=round(rng.uniform(18, 62), 2),
    )


def of_post(post: Post, now: datetime) -> Figures:
    """Return the figures of a post so far; they never fall. A reel's views are the plays that its tab shows."""
    done, fate, likes = post.engagement(now), fate_of(post.pk), post.likes * post.share(now)
    views = int(likes * fate.views) if done.plays is None else done.plays
    return Figures(
        views=views,
        reach=int(views / fate.views_a_person),
        likes=done.likes,
        comments=done.comments,
        saves=int(likes * fate.saves),
        shares=int(likes * fate.shares),
        reposts=int(likes * fate.reposts),
        follows=int(likes * fate.follows),
        visits=int(likes * fate.visits),
        taps=int(likes * fate.taps),
        watched=int(views * (post.duration or 0) * 1000 * fate.kept),
    )


def of_story(story: Story) -> Figures:
    """Return the figures of a story so far: its reach is the number of its viewers."""
    reach, liked = len(story.viewers), sum(story.viewers.values())
    return Figures(
        views=reach + reach // 4,
        reach=reach,
        likes=liked,
        shares=reach // 40,
        replies=reach // 30,
        follows=reach // 150,
        visits=reach // 20,
        taps=reach // 60,
    )


def steps_of(story: Story) -> dict[str, int]:
    """Return what viewers did after a story; every view ends in one of these steps."""
    views = of_story(story).views
    steps = {"tap_forward": views * 7 // 10, "tap_back": views // 12, "tap_exit": views // 10}
    return {**steps, "swipe_forward": views - sum(steps.values())}


def is_on_facebook(pk: int) -> bool:
    """Return whether a piece was shown on Facebook too: one in four is."""
    return zlib.crc32(f"facebook/{pk}".encode()) % _ON_FACEBOOK_ONE_IN == 0
