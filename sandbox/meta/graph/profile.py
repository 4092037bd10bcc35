"""The fields of an Instagram account that both hosts have."""

from flask import request

from sandbox.meta.people import Account
from sandbox.meta.site import number_of

from .answers import Json


def profile(account: Account) -> Json:
    """Return them; the counters are those of the site's own pages."""
    world = account.world
    return {
        "username": account.username,
        "name": world.account.full_name,
        "biography": world.biography,
        "website": f"https://{account.username}.example.invalid/",
        "profile_picture_url": f"{request.host_url}_pictures/{number_of(account.id)}.png",
        "followers_count": len(world.population.followers.members),
        "follows_count": len(world.population.following.members),
        "media_count": len(world.posts),
    }
