"""The stand-ins that the benchmark of official interfaces reads, each with one account of many posts."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask, request, request_started

from sandbox.google import server as google
from sandbox.google.oauth.grants import Asked
from sandbox.meta import server as meta
from sandbox.meta.apps import BASIC, INSIGHTS
from sandbox.meta.hosts import Host
from sandbox.meta.oauth.grants import LONG_LIFE
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.posts import Kind
from sandbox.world.world import WorldConfig
from shared.platforms import WayIn
from shared.platforms.youtube import SCOPES

_CALLBACK = "http://127.0.0.1:9/callback"
_PAGE = 50
_DAYS = 700
"""Days over which the posts are spread; figures of posts are kept for two years."""
_FIGURES_OF = 60
"""The newest posts, whose figures one sync reads."""
_SETS = {Kind.IMAGE: 4, Kind.CAROUSEL: 4, Kind.REEL: 5}
"""Calls for the figures of one post: a metric that may fail goes alone."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the stand-in got it."""

    path: str
    authorization: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Served:
    """A running stand-in with its account, the token for it, and the calls that a sync needs."""

    url: str
    environment: Mapping[str, str] = field(repr=False)
    platform: str
    method: str
    username: str
    identity: str
    secret: str = field(repr=False)
    needed: int


def serve(name: str, posts: int, line: Connection) -> None:
    """The stand-in's process: says what it has, then hands over its calls whenever it is asked for them."""
    calls: list[Call] = []

    def note(sender: Flask, **_: Any) -> None:
        calls.append(Call(request.full_path, request.headers.get("Authorization", "")))

    request_started.connect(note)
    served = SITES[name](posts)
    line.send(served)
    while line.recv():
        line.send(calls[:])
        calls.clear()


def youtube(posts: int) -> Served:
    """A channel; its videos cost four calls a page: the list, the counters, and two reports."""
    world = WorldConfig(followers=0, following=0, posts=0, start=_start())
    config = ChannelConfig(videos=posts, age_days=_DAYS)
    running = google.start(google.Config((google.PersonConfig(world, (config,)),)))
    site, channel = running.google, running.google.channels()[0]
    grant = site.grants.of(site.client, site.accounts[0], channel)
    code = site.grants.code(grant, frozenset(SCOPES), Asked(_CALLBACK, offline=True), fresh=True)
    answer = site.grants.redeem(site.client, code, _CALLBACK, None)
    ends = datetime.now(UTC) + timedelta(hours=1)
    secret = {name: answer[name] for name in ("access_token", "refresh_token")}
    secret |= {"expires_at": ends.isoformat(), "scopes": sorted(SCOPES)}
    pages = -(-len(channel.listed(owner=True)) // _PAGE)
    handle = channel.handle.removeprefix("@")
    return Served(
        running.url,
        running.environment(),
        "youtube",
        WayIn.GOOGLE,
        handle,
        channel.id,
        json.dumps(secret),
        1 + 4 * pages,
    )


def instagram(posts: int) -> Served:
    """An account; its posts cost a call a page, and the figures of the newest ones theirs."""
    running = meta.start(meta.Config((WorldConfig(followers=500, following=50, posts=posts, start=_start()),)))
    site = running.meta
    account = site.accounts()[0]
    grant = site.grants.of(Host.INSTAGRAM, site.owner(account), account)
    grant.scopes, grant.at = frozenset({BASIC, INSIGHTS}), site.now
    now = datetime.now(UTC)
    secret = {
        "access_token": site.grants.give(grant, LONG_LIFE).text,
        "refresh_token": None,
        "expires_at": (now + LONG_LIFE).isoformat(),
        "scopes": sorted(grant.scopes),
        "obtained_at": now.isoformat(),
    }
    there = account.world.posts
    figures = sum(_SETS[post.kind] for post in there[-_FIGURES_OF:])
    return Served(
        running.url,
        running.environment(),
        "instagram",
        WayIn.INSTAGRAM_LOGIN,
        account.username,
        account.id,
        json.dumps(secret),
        1 - (-len(there) // _PAGE) + figures,
    )


def _start() -> datetime:
    """The calendar's beginning: the present hour, so that figures are due."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


SITES: Mapping[str, Callable[[int], Served]] = {"youtube": youtube, "instagram": instagram}
