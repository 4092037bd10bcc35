"""People and posts of ordinary form, to be weighed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.domain.social import Media, MediaKind, MediaMetrics, Person, PlatformId

_POSTED = datetime(2025, 12, 31, tzinfo=UTC)
_CAPTION = (
    "A morning at the lake with everybody who came along, the first one of this year and surely not the last. "
    "Thank you all for the ride, for the songs and for the coffee. #lake #morning #friends @someone.else"
)


def persons(count: int) -> list[Person]:
    """So many people; ids are scattered, for those in the order of arrival would flatter the indexes."""
    return [_person((n * 2_654_435_761 + 12_345) % 10**11, n) for n in range(count)]


def _person(pk: int, arrival: int) -> Person:
    name = f"Name {arrival} Family {pk % 5000}"
    return Person(PlatformId(str(pk)), f"person_{pk % 10**6}.{arrival}", name, pk % 3 == 0, pk % 97 == 0)


def media(count: int, reading: int) -> list[Media]:
    """So many posts, whose counts are higher at each reading."""
    return [_medium(n, reading) for n in range(count)]


def _medium(number: int, reading: int) -> Media:
    pk = 3_000_000_000_000_000_000 + number * 7_919
    shown = MediaMetrics(
        likes=60 + reading, comments=4 + reading, plays=900 + 20 * reading, facebook_plays=10 + reading
    )
    return Media(
        PlatformId(str(pk)),
        MediaKind.REEL if number % 2 else MediaKind.IMAGE,
        code=f"C{pk % 10**10}",
        permalink=f"https://www.instagram.com/p/C{pk % 10**10}/",
        caption=f"{number}. {_CAPTION}",
        hashtags=("lake", "morning", "friends"),
        mentions=("someone.else",),
        owner_platform_id=PlatformId("51234567890"),
        owner_username="somebody",
        posted_at=_POSTED - timedelta(hours=number),
        in_grid=True,
        metrics=shown,
    )
