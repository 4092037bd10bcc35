"""Trouble that happens at once: what ends, is withdrawn, is used up or taken away stays so."""

from collections.abc import Callable

from sandbox.control import Unknown

from .api.answers import Json
from .api.caller import spend_all
from .faults import FaultKind
from .site import TikTok

Change = Callable[[TikTok, str], Json]


def expire(tiktok: TikTok, variant: str) -> Json:
    """End every access token; with ``refresh`` every refresh token too."""
    tiktok.grants.expire()
    if variant == "refresh":
        for token in tiktok.grants.refreshing.values():
            token.over = True
    return {"refresh_tokens": sum(token.works(tiktok.now) for token in tiktok.grants.refreshing.values())}


def revoke(tiktok: TikTok, variant: str) -> Json:
    """Let the people take every grant away."""
    standing = [grant for grant in tiktok.grants.every if not grant.revoked]
    for grant in standing:
        grant.revoked = True
    return {"grants_ended": len(standing)}


def withdraw(tiktok: TikTok, variant: str) -> Json:
    """Take the scope ``variant`` out of every grant."""
    holders = [grant for grant in tiktok.grants.every if variant in grant.scopes]
    if not holders:
        raise Unknown("no grant has that scope")
    for grant in holders:
        grant.scopes -= {variant}
    return {"grants_changed": len(holders)}


def spend_quota(tiktok: TikTok, variant: str) -> Json:
    """Use up the limit of every route for this minute."""
    spend_all()
    return {"spent": {path: len(calls) for path, calls in tiktok.calls.items()}}


def take_video_away(tiktok: TikTok, variant: str) -> Json:
    """Take the video ``variant`` away, or the newest one of the first person."""
    for person in tiktok.people:
        for clip in person.profile.clips():
            if variant in ("", str(clip.id)):
                person.profile.remove(str(clip.id))
                return {"username": person.username, "video": str(clip.id)}
    raise Unknown("no such video")


CHANGES: dict[FaultKind, Change] = {
    FaultKind.EXPIRED: expire,
    FaultKind.REVOKED: revoke,
    FaultKind.SCOPE_WITHDRAWN: withdraw,
    FaultKind.QUOTA_SPENT: spend_quota,
    FaultKind.VIDEO_GONE: take_video_away,
}
