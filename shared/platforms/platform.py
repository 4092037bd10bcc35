"""The declaration of a platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.domain.engagement import ViewCount
from shared.domain.jobs import JobKind
from shared.domain.plan import PageSizes, Window
from shared.domain.social import EndpointId, MediaKind
from shared.platforms.provider import Provider
from shared.settings import Settings


class WayIn(StrEnum):
    """The method of a connection."""

    BROWSER = "browser"
    DATA_DOWNLOAD = "data_download"
    GOOGLE = "google"
    INSTAGRAM_LOGIN = "instagram_login"
    FACEBOOK_LOGIN = "facebook_login"
    TIKTOK = "tiktok"


class Shown(StrEnum):
    """What a way in may show of an account, in the order of the table on the page of all ways."""

    COUNTERS = "counters"
    NAMES = "names"
    UNFOLLOWED = "unfollowed"
    POSTS = "posts"
    STORIES = "stories"
    INSIGHTS = "insights"
    AUDIENCE = "audience"
    PAST = "past"
    BY_ITSELF = "by_itself"


# What every connection can do, whatever its way in.
_FOR_ALL = frozenset({JobKind.SYNC, JobKind.CHECK_SESSION})


@dataclass(frozen=True, slots=True)
class Quota:
    """Units that a platform gives the app of an installation for a day, from midnight to midnight in `zone`.

    `per_day` is None where no limit is known; calls are counted all the same.
    """

    name: str
    per_day: int | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What web, plan and worker need to know of a platform.

    `name` is stored, `label` is what people read. `ways_in` are the methods that its connections may have, `kinds` the
    syncs that its profiles have. `username` returns the bare name from what a person types or pastes, None where it can
    be none; `is_id` says whether a text can be the platform's id of a person. `username_hint` says what a name looks
    like, `username_fault` what to enter. `profile_url` has `{username}` where the name belongs. `endpoints` are the
    ways to show a list with their names for people, in the order of use. `takes_own_session` says whether a session may
    come from a person's own browser, by its cookies or by a window; `username_of_download` returns the name in the
    filename of a data download. `providers` are those of the ways in that begin on a provider's consent page; `shows`
    says what each way in shows, and one that is left out stands in no table. `reads` are the kinds that a way in can do
    where another one can do others; one that is left out can do all of `kinds`. `other_ids` are the ways in that name
    an account by another id than the platform's pages do. `quotas` are those of the official ways in, and
    `connect_costs` the units of each that finding a consent's accounts costs; a way in without any is read at a human
    pace. `media` are the kinds of what is posted there, `view_counts` the counts of views that it shows. `rated_by` is
    the count that rates are worked out by; `rates_need` names the setting by which an operator allows them, where the
    platform's rules forbid them otherwise.
    """

    name: str
    label: str
    ways_in: tuple[WayIn, ...]
    kinds: frozenset[JobKind]
    username: Callable[[str], str | None]
    is_id: Callable[[str], bool]
    username_hint: str
    username_fault: str
    profile_url: str
    page_sizes: PageSizes
    window: Window
    endpoints: Mapping[EndpointId, str] = field(default_factory=dict)
    takes_own_session: bool = False
    username_of_download: Callable[[str], str | None] | None = None
    providers: Mapping[WayIn, Provider] = field(default_factory=dict)
    shows: Mapping[WayIn, frozenset[Shown]] = field(default_factory=dict)
    reads: Mapping[WayIn, frozenset[JobKind]] = field(default_factory=dict)
    other_ids: frozenset[WayIn] = frozenset()
    quotas: Mapping[WayIn, tuple[Quota, ...]] = field(default_factory=dict)
    media: frozenset[MediaKind] = frozenset(MediaKind)
    view_counts: frozenset[ViewCount] = frozenset(ViewCount)
    connect_costs: Mapping[WayIn, Mapping[str, int]] = field(default_factory=dict)
    rated_by: ViewCount = ViewCount.PLAYS
    rates_need: str = ""

    @property
    def is_paced(self) -> bool:
        """Whether some way in is read at a human pace, within a number of requests a day."""
        return any(way is not WayIn.DATA_DOWNLOAD and not self.quotas.get(way) for way in self.ways_in)

    def by_rank(self) -> tuple[WayIn, ...]:
        """The ways in that a job can use, the preferred one first: official ones, then as declared."""
        used = (way for way in self.ways_in if way is not WayIn.DATA_DOWNLOAD)
        return tuple(sorted(used, key=lambda way: way not in self.providers))

    def offers(self, way_in: WayIn) -> frozenset[JobKind]:
        """The kinds of job that a connection of this way in can do."""
        own = {JobKind.LOGIN} if way_in is WayIn.BROWSER else {JobKind.RENEW_ACCESS}
        return self.reads.get(way_in, self.kinds - {JobKind.DERIVE}) | _FOR_ALL | own

    def may_rate(self, settings: Settings) -> bool:
        """Whether rates may be worked out from the platform's figures in this installation."""
        return not self.rates_need or bool(getattr(settings, self.rates_need))

    def url_of(self, username: str) -> str:
        """The address of a profile on the platform."""
        return self.profile_url.format(username=username)
