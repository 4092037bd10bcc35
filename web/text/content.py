"""The words for what a profile posts: posts and reels, or videos where its platform has nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.domain.engagement import ViewCount
from shared.domain.jobs import JobKind
from shared.domain.social import MediaKind
from shared.messages import Message, plural
from shared.platforms import PLATFORMS
from shared.store.media.ranking import GROUPS, Group, Rank
from web.text.platforms import may_rate, reads
from web.translation import _, translate


@dataclass(frozen=True, slots=True)
class ContentWords:
    """`every` names all of it, `number` counts it, `number_of` a part of it, `plays` names its starts.

    The others are whole texts.
    """

    every: str
    number: tuple[str, str]
    number_of: tuple[str, str]
    plays: str
    search: str
    export: str
    none_yet: str
    sync: str


_POSTS = ContentWords(
    Message("Posts and reels"),
    plural("%(num)s post or reel", "%(num)s posts and reels"),
    plural("%(done)s of %(num)s post or reel", "%(done)s of %(num)s posts and reels"),
    Message("Plays"),
    Message("Search posts and reels"),
    Message("Export posts and reels"),
    Message("No post or reel yet."),
    Message("Syncing posts and reels"),
)
_VIDEOS = ContentWords(
    Message("Videos and Shorts"),
    plural("%(num)s video", "%(num)s videos"),
    plural("%(done)s of %(num)s video", "%(done)s of %(num)s videos"),
    Message("Views"),
    Message("Search videos"),
    Message("Export videos"),
    Message("No video yet."),
    Message("Syncing videos"),
)
_WITHOUT_SHORTS = replace(_VIDEOS, every=Message("Videos"))
_RANKS = {
    Rank.NEWEST: Message("Newest"),
    Rank.LIKES: Message("Likes"),
    Rank.COMMENTS: Message("Comments"),
    Rank.PLAYS: Message("Plays"),
    Rank.VIEWS: Message("Views"),
    Rank.ENGAGED_VIEWS: Message("Engaged views"),
    Rank.ENGAGEMENT: Message("Engagement rate"),
}
_GROUPS = {
    Group.POSTS: Message("Posts"),
    Group.REELS: Message("Reels"),
    Group.IMAGE: Message("Single images"),
    Group.CAROUSEL: Message("Carousels"),
    Group.VIDEO: Message("Videos"),
    Group.SHORTS: Message("Shorts"),
    Group.STORIES: Message("Stories"),
}
_STILLS = frozenset({MediaKind.IMAGE, MediaKind.CAROUSEL})


def words_of(platform: str) -> ContentWords:
    """The words for the media of the platform."""
    kinds = media_of(platform)
    if not kinds <= {MediaKind.VIDEO, MediaKind.SHORT}:
        return _POSTS
    return _VIDEOS if MediaKind.SHORT in kinds else _WITHOUT_SHORTS


def media_of(platform: str) -> frozenset[MediaKind]:
    """The kinds of media on the platform; all of them where only another version knows it."""
    known = PLATFORMS.get(platform)
    return frozenset(MediaKind) if known is None else known.media


def counts_of(platform: str) -> frozenset[ViewCount]:
    """The counts of views that the platform shows; all of them where only another version knows it."""
    known = PLATFORMS.get(platform)
    return frozenset(ViewCount) if known is None else known.view_counts


def groups(platform: str, chosen: Group) -> dict[Group, str]:
    """The kinds of content to choose from: those of the platform, where it has several, and the chosen one."""
    several = len(media_of(platform)) > 1
    offered = {
        group: _(words) for group, words in _GROUPS.items() if group is chosen or (several and _has(platform, group))
    }
    return {Group.ALL: translate(words_of(platform).every), **offered}


def ranks(platform: str, chosen: Rank) -> dict[Rank, str]:
    """The figures that may rank the content, which are those that the platform shows and the chosen one."""
    left_out = {Rank(count) for count in ViewCount if count not in counts_of(platform)}
    if not may_rate(platform):
        left_out.add(Rank.ENGAGEMENT)
    named = {**_RANKS, Rank.PLAYS: words_of(platform).plays}
    return {rank: translate(words) for rank, words in named.items() if rank is chosen or rank not in left_out}


def _has(platform: str, group: Group) -> bool:
    kinds = media_of(platform)
    if group is Group.STORIES:
        return reads(platform, JobKind.SYNC_STORIES)
    if group is Group.POSTS:
        return bool(kinds & _STILLS)
    return any(kind in kinds for kind in GROUPS[group])
