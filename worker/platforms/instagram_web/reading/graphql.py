"""Asks for the GraphQL connection of a follow list as the page's own script does (IG-1.9, IG-5.4)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from playwright.async_api import Error as PlaywrightError

from shared.domain.social import Direction, PlatformId
from shared.errors import UnexpectedAnswer
from worker.browser.failures import meaning
from worker.platforms.instagram_web.site.page import SitePage
from worker.platforms.instagram_web.site.responses import Answer, Json, parse_json, refuses

# usePolarisGetFollowListQuery as of July 2026; doc_ids are retired without notice.
_NAME = "usePolarisGetFollowListQuery"
_DOC_ID = "37158170193798755"
_PEOPLE = 50
_PATH = "/graphql/query"
_NAMES = {Direction.FOLLOWER: "followers", Direction.FOLLOWING: "following"}
_EQMC = re.compile(r'<script[^>]*\bid="__eqmc"[^>]*>(.*?)</script>', re.DOTALL)
_LSD = re.compile(r'\["LSD",\s*\[\],\s*\{"token":\s*"([^"]+)"')


@dataclass(frozen=True, slots=True)
class List:
    """One list of one account; `username` is its owner's."""

    direction: Direction
    owner: PlatformId
    username: str

    @property
    def name(self) -> str:
        """The platform's name of it: `followers` or `following`."""
        return _NAMES[self.direction]

    @property
    def referrer(self) -> str:
        """The path of the page that shows it."""
        return f"/{self.username}/{self.name}/"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens in the site's pages for its own script. `dtsg` is absent where no one is logged in."""

    dtsg: str
    lsd: str

    def __repr__(self) -> str:
        return "Tokens(…)"


class FollowListQuery:
    """Asks for pages of a connection; the tokens come from the open page, again after an answer without data."""

    def __init__(self, site: SitePage) -> None:
        self._site = site
        self._tokens: Tokens | None = None
        self._stale = False

    async def ask(self, which: List, cursor: str | None) -> Answer:
        """The answer for the page at `cursor`, reduced to the deciding JSON line; not judged yet."""
        tokens = self._tokens or await self._read_tokens(which)
        form = {**_envelope(which, tokens), "variables": json.dumps(_variables(which, cursor), separators=(",", ":"))}
        headers = {"X-FB-Friendly-Name": _NAME, "X-FB-LSD": tokens.lsd, "X-Root-Field-Name": _root_field(which)}
        answer = await self._site.ask(_PATH, which.referrer, form, headers)
        line = line_that_counts(answer.body)
        self._stale = with_data(line) is None
        self._tokens = None if self._stale else tokens
        return replace(answer, body=line)

    async def _read_tokens(self, which: List) -> Tokens:
        page = await self._site.page(which.referrer, anew=self._stale)
        self._stale = False
        try:
            tokens = tokens_in(await page.content())
        except PlaywrightError as error:
            raise meaning(error) from None
        if tokens is None:
            self._stale = True
            raise UnexpectedAnswer("Instagram's page lacks the tokens that its own script uses.")
        return tokens


def tokens_in(html: str) -> Tokens | None:
    """The tokens of a page for a logged-in user, else None."""
    found = _EQMC.search(html)
    fields = parse_json(found.group(1)) if found else None
    dtsg = fields.get("f") if fields else None
    lsd = fields.get("l") if fields else None
    if not isinstance(lsd, str):
        named = _LSD.search(html)
        lsd = named.group(1) if named else None
    return Tokens(dtsg, lsd) if isinstance(dtsg, str) and isinstance(lsd, str) else None


def with_data(body: str) -> str | None:
    """The line of an answer with `data`; answers may be one object, or several, one a line; None without any."""
    return next((text for text, whole in _objects(body) if isinstance(whole.get("data"), dict)), None)


def line_that_counts(body: str) -> str:
    """The deciding line: one that refuses, else the one with the data, else the first object, else everything."""
    objects = _objects(body)
    refusing = next((text for text, whole in objects if refuses(whole)), None)
    return refusing or with_data(body) or next((text for text, _ in objects), body)


def _objects(body: str) -> list[tuple[str, Json]]:
    """An answer's JSON objects, each with its text: the whole body, or those of its lines."""
    texts = [text.strip() for text in (body, *body.splitlines())]
    return [(text, whole) for text in texts if (whole := parse_json(text)) is not None]


def jazoest(token: str) -> str:
    """The site's checksum of a token: "2" and the sum of its characters' codes (IG-1.9)."""
    return f"2{sum(map(ord, token))}"


def _envelope(which: List, tokens: Tokens) -> dict[str, str]:
    return {
        "av": which.owner,
        "__d": "www",
        "__user": "0",
        "__a": "1",
        "__comet_req": "7",
        "fb_dtsg": tokens.dtsg,
        "jazoest": jazoest(tokens.dtsg),
        "lsd": tokens.lsd,
        "fb_api_caller_class": "RelayModern",
        "fb_api_req_friendly_name": _NAME,
        "server_timestamps": "true",
        "doc_id": _DOC_ID,
    }


def _variables(which: List, cursor: str | None) -> Json:
    return {
        "userID": which.owner,
        "count": _PEOPLE,
        "first": _PEOPLE,
        "after": cursor,
        "before": None,
        "last": None,
        "query": "",
        "isFollowerList": which.direction is Direction.FOLLOWER,
    }


def _root_field(which: List) -> str:
    return f"xdt_api__v1__friendships__{which.name}__connection"
