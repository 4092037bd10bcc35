"""Totals of some days, whole or broken down; people of several days are counted once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sandbox.meta.people import Account
from sandbox.world.insights.figures import Figures, together
from sandbox.world.insights.pieces import Product

from .metrics import FOLLOW, PRODUCT
from .windows import counted_yet, is_there

Results = dict[tuple[str, ...], int]
_FOLLOWER, _OTHER = "FOLLOWER", "NON_FOLLOWER"
_ENGAGED_SHARE = 0.8
"""People for each thing that someone did; some did several."""
_COUNTS: Mapping[str, Callable[[Figures], int]] = {
    "views": lambda figures: figures.views,
    "reach": lambda figures: figures.reach,
    "likes": lambda figures: figures.likes,
    "comments": lambda figures: figures.comments,
    "saves": lambda figures: figures.saves,
    "shares": lambda figures: figures.shares,
    "replies": lambda figures: figures.replies,
    "reposts": lambda figures: figures.reposts,
    "total_interactions": lambda figures: figures.interactions,
}


def total_of(account: Account, name: str, days: Sequence[date]) -> int | None:
    """Return a metric over some days; None without any day for which it is there."""
    if name == "follows_and_unfollows":
        days = [day for day in days if is_there(day, account.world.now)]
    if not days:
        return None
    match name:
        case "reach":
            return together(reach_of(account, day) for day in days)
        case "accounts_engaged":
            return together(int(_counted(account, day).interactions * _ENGAGED_SHARE) for day in days)
        case "profile_views":
            return sum(_part(account, day, account.insights.profile_views(day)) for day in days)
        case "profile_links_taps":
            return sum(sum(_taps(account, day).values()) for day in days)
        case "follows_and_unfollows":
            return 0  # It has no total of its own: what came and what left stand apart.
        case _:
            return sum(_COUNTS[name](_counted(account, day)) for day in days)


def breakdown_of(account: Account, name: str, days: Sequence[date], dimensions: Sequence[str]) -> Results:
    """Return a metric over some days, broken down; parts without anything are left out."""
    if name == "follows_and_unfollows":
        return _follows(account, days)
    if name == "profile_links_taps":
        taps = [_taps(account, day) for day in days]
        return {(button,): count for button in taps[0] if (count := sum(parts[button] for parts in taps))}
    found = _by_product(account, name, days)
    if FOLLOW in dimensions:
        return _by_follow(account, name, found, days, with_product=PRODUCT in dimensions)
    return {(product.value,): count for product, count in found.items() if count}


def reach_of(account: Account, day: date) -> int:
    """Return how many people a day reached, as far as it is counted."""
    return _part(account, day, account.insights.reach(account.insights.on(day)))


def _by_product(account: Account, name: str, days: Sequence[date]) -> dict[Product, int]:
    join = together if name == "reach" else sum
    lived = [
        {product: figures.part(share) for product, figures in account.insights.on(day).items()}
        for day, share in ((day, counted_yet(day, account.world.now)) for day in days)
    ]
    return {product: join(_COUNTS[name](day[product]) for day in lived) for product in Product}


def _by_follow(
    account: Account, name: str, found: Mapping[Product, int], days: Sequence[date], *, with_product: bool
) -> Results:
    """Return the shares of followers and of others; they sum to what they divide."""
    results: Results = {}
    parts = {product: int(count * account.insights.follower_share(product)) for product, count in found.items()}
    if with_product:
        for product, count in found.items():
            results[product.value, _FOLLOWER] = parts[product]
            results[product.value, _OTHER] = count - parts[product]
    else:
        whole = total_of(account, name, days) or 0
        mine = whole * sum(parts.values()) // max(sum(found.values()), 1)
        results = {(_FOLLOWER,): mine, (_OTHER,): whole - mine}
    return {key: count for key, count in results.items() if count}


def _follows(account: Account, days: Sequence[date]) -> Results:
    moves = [account.insights.came_and_left(day) for day in days if is_there(day, account.world.now)]
    came, left = sum(move[0] for move in moves), sum(move[1] for move in moves)
    return {(_FOLLOWER,): came, (_OTHER,): left}


def _counted(account: Account, day: date) -> Figures:
    """Return a day's sums, each surface counted as far as it is."""
    share = counted_yet(day, account.world.now)
    lived = account.insights.on(day).values()
    return Figures(*map(sum, zip(*(figures.part(share).counts() for figures in lived), strict=True)))


def _taps(account: Account, day: date) -> dict[str, int]:
    return {button: _part(account, day, count) for button, count in account.insights.taps(day).items()}


def _part(account: Account, day: date, count: int) -> int:
    return int(count * counted_yet(day, account.world.now))
