"""The people at Meta: their Instagram accounts, and the Facebook Pages to which some are linked."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sandbox.world.channel.days import end
from sandbox.world.insights.account import Insights
from sandbox.world.posts import Post
from sandbox.world.stories import Story
from sandbox.world.world import World

TASKS = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")


class AccountKind(StrEnum):
    """The kind of an Instagram account; a personal one has no insights."""

    BUSINESS = "BUSINESS"
    CREATOR = "MEDIA_CREATOR"
    PERSONAL = "PERSONAL"


@dataclass(slots=True, eq=False)
class Account:
    """One Instagram account as the API knows it; its ids there are others than those on the site's own pages."""

    world: World
    kind: AccountKind = AccountKind.BUSINESS
    professional_since: datetime | None = None
    """An earlier day has no figures, and a piece that was published earlier none either; None is always."""
    insights: Insights = field(init=False)

    def __post_init__(self) -> None:
        self.insights = Insights(self.world)

    @property
    def id(self) -> str:
        """The id of the professional account."""
        return f"178414{self.world.account.pk % 10**11:011d}"

    @property
    def username(self) -> str:
        """The username."""
        return self.world.account.username

    def scoped_id(self, app_id: str) -> str:
        """Return the id by which one app knows the account."""
        return f"2{zlib.crc32(f'{app_id}/{self.id}'.encode()):010d}{self.world.account.pk % 10**5:05d}"

    def was_professional_on(self, day: date) -> bool:
        """Return whether the account was a professional one at the end of a day."""
        return self.professional_since is None or self.professional_since < end(day)

    def pieces(self) -> Iterator[Post | Story]:
        """Yield the posts that are there, newest first, and the stories that are live."""
        yield from reversed(self.world.posts)
        yield from (story for story in self.world.stage.stories if story.is_live(self.world.now))

    def piece(self, identity: str) -> Post | Story | None:
        """Return a piece that is there by its id at the API."""
        return next((piece for piece in self.pieces() if media_id(piece.pk) == identity), None)


@dataclass(slots=True, eq=False)
class Page:
    """One Facebook Page, perhaps linked to an Instagram account."""

    name: str
    account: Account | None = None
    tasks: tuple[str, ...] = TASKS

    @property
    def id(self) -> str:
        """The Page's id."""
        return f"10{zlib.crc32(self.name.encode()):010d}312"


@dataclass(slots=True, eq=False)
class Person:
    """One person with their Instagram accounts and Facebook Pages."""

    name: str
    accounts: list[Account] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def scoped_id(self, app_id: str) -> str:
        """Return the id by which one app knows the person on Facebook."""
        return f"1{zlib.crc32(f'{app_id}/{self.name}'.encode()):010d}04217"

    def every_account(self) -> list[Account]:
        """Return the person's own accounts and those of their Pages."""
        linked = [page.account for page in self.pages if page.account]
        return list(dict.fromkeys((*self.accounts, *linked)))


def media_id(pk: int) -> str:
    """Return the API's id of a piece whose id on the site's own pages is ``pk``."""
    return f"18{zlib.crc32(str(pk).encode()):010d}{pk % 10**5:05d}"


def open_person(world: World, kind: AccountKind = AccountKind.BUSINESS) -> Person:
    """Return the person to whom ``world`` belongs, with one account and the Page to which it is linked."""
    account = Account(world, kind)
    return Person(world.account.full_name, [account], [Page(f"{world.account.full_name} (Page)", account)])
