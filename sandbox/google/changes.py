"""Trouble that happens at once: what ends, is withdrawn, is used up or taken away stays so."""

from collections.abc import Callable

from sandbox.control import Unknown
from sandbox.world.channel.channel import Channel, State

from .api.answers import Json
from .api.quota import spend_all
from .faults import FaultKind
from .site import Google

Change = Callable[[Google, str], Json]


def expire(google: Google, variant: str) -> Json:
    """End every access token; refresh tokens stay."""
    google.grants.expire()
    return {"refresh_tokens": google.grants.live_refresh_tokens()}


def revoke(google: Google, variant: str) -> Json:
    """Let the people take every grant away, or only those of the address or channel ``variant``."""
    ended = 0
    for grant in google.grants.every:
        named = variant in ("", grant.account.email, grant.channel.id if grant.channel else "")
        if named and not grant.revoked:
            grant.revoked = True
            ended += 1
    return {"grants_ended": ended}


def withdraw(google: Google, variant: str) -> Json:
    """Take a scope out of every grant; ``variant`` is its end, such as ``yt-analytics.readonly``."""
    changed = 0
    for grant in google.grants.every:
        held = frozenset(scope for scope in grant.scopes if not scope.endswith(f"/{variant}"))
        changed += held != grant.scopes
        grant.scopes = held
    if not changed:
        raise Unknown("no grant has that scope; say its end, such as yt-analytics.readonly")
    return {"grants_changed": changed}


def spend_quota(google: Google, variant: str) -> Json:
    """Use up today's quota of every client."""
    for client in google.clients:
        spend_all(client)
    return {"spent": dict(google.spent)}


def take_video_away(google: Google, variant: str) -> Json:
    """Take the video ``variant`` away, or the newest one of the first channel."""
    for channel in google.channels():
        for video in channel.listed(owner=True):
            if variant in ("", video.id):
                channel.remove(video.id)
                return {"channel": channel.id, "video": video.id}
    raise Unknown("no such video")


def change_channel(google: Google, variant: str) -> Json:
    """Set the state of every channel, or of one: ``closed``, ``suspended``, ``open``, or ``closed UC…``."""
    state, _, identity = (variant or State.CLOSED).partition(" ")
    channels = [channel for channel in google.channels() if identity in ("", channel.id)]
    if state not in list(State) or not channels:
        raise Unknown(f"say one of {', '.join(State)}, and perhaps the id of a channel")
    return _set_state(channels, State(state))


def _set_state(channels: list[Channel], state: State) -> Json:
    for channel in channels:
        channel.state = state
    return {"channels": [channel.id for channel in channels], "state": state.value}


CHANGES: dict[FaultKind, Change] = {
    FaultKind.EXPIRED: expire,
    FaultKind.REVOKED: revoke,
    FaultKind.SCOPE_WITHDRAWN: withdraw,
    FaultKind.QUOTA_SPENT: spend_quota,
    FaultKind.VIDEO_GONE: take_video_away,
    FaultKind.CHANNEL_CLOSED: change_channel,
}
