"""Instagram's token endpoints: a code becomes a short token, that one a long one, and a long one is renewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.errors import (
    AppRefused,
    CodeUsed,
    JobError,
    ReportRefused,
    SiteFailed,
    Throttled,
    Transient,
    UnexpectedAnswer,
)
from shared.platforms.meta import INSTAGRAM_LOGIN
from worker.platforms.http_api import Answer, HttpApi, Json
from worker.platforms.instagram_graph.app import InstagramApp
from worker.platforms.instagram_graph.refusals import body_or_raise
from worker.platforms.instagram_graph.token import GraphToken
from worker.platforms.json_fields import child, items, line

_LONGEST_LIFE = 366 * 86_400
# A code is good once, so an upgrade that fails in passing is tried again while its short token is at hand.
_ATTEMPTS = 3
# Instagram appends this to the code's address; it belongs to neither.
_TAIL = "#_"


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """The endpoints for the installation's app."""

    api: HttpApi
    app: InstagramApp

    async def exchange(self, code: str, redirect_uri: str) -> GraphToken:
        """The long token for a code. Raises CodeUsed for one that is used or too old, AppRefused, or what passes."""
        app_id, app_secret = self.app.credentials()
        form = {
            "client_id": app_id,
            "client_secret": app_secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code.removesuffix(_TAIL),
        }
        answer = await self.api.post_form(f"{self.app.oauth_url}/oauth/access_token", form)
        if answer.status != 200:
            raise _refusal(answer)
        short = _unwrapped(answer.body or {})
        return await self._long(_token(short), _scopes(short))

    async def refresh(self, token: GraphToken) -> GraphToken:
        """The same access for 60 more days. Raises AccessRevoked for a token that is dead."""
        query = {"grant_type": "ig_refresh_token", "access_token": token.access_token}
        body = body_or_raise(await self.api.get(f"{self.app.graph_url}/refresh_access_token", query))
        return _long_token(body, _scopes(body) or token.scopes)

    async def take_over(self, text: str) -> GraphToken:
        """A long token that another program got, renewed if Instagram does that already; its end is unknown if not.

        Raises AccessRevoked for a token that is dead.
        """
        found = GraphToken(text, None, frozenset(INSTAGRAM_LOGIN.scopes), datetime.now(UTC))
        try:
            return await self.refresh(found)
        except ReportRefused:
            # It is not a day old, or is no long token; the account is asked for next, by which any dead one shows.
            return found

    async def _long(self, short: str, scopes: frozenset[str] | None) -> GraphToken:
        _, app_secret = self.app.credentials()
        query = {"grant_type": "ig_exchange_token", "client_secret": app_secret, "access_token": short}
        for left in reversed(range(_ATTEMPTS)):
            try:
                body = body_or_raise(await self.api.get(f"{self.app.graph_url}/access_token", query))
                return _long_token(body, scopes or frozenset(INSTAGRAM_LOGIN.scopes))
            except Transient:
                if not left:
                    raise
        raise AssertionError("unreachable")


def _long_token(body: Json, scopes: frozenset[str]) -> GraphToken:
    now = datetime.now(UTC)
    return GraphToken(_token(body), _ends(body.get("expires_in"), now), scopes, now)


def _unwrapped(body: Json) -> Json:
    """The answer itself, or the first entry of its `data`: Instagram gives either."""
    return next(items(body, "data"), body)


def _token(body: Json) -> str:
    found = line(body, "access_token")
    if found is None:
        raise UnexpectedAnswer("Instagram's answer lacks `access_token`.")
    return found


def _scopes(body: Json) -> frozenset[str] | None:
    """The permissions, a list or a text with commas; None where the answer names none."""
    given = body.get("permissions")
    names = given.split(",") if isinstance(given, str) else given
    found = [one.strip() for one in names if isinstance(one, str)] if isinstance(names, list) else []
    return frozenset(one for one in found if one) or None


def _ends(seconds: object, now: datetime) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < _LONGEST_LIFE:
        return None
    return now + timedelta(seconds=seconds)


def _refusal(answer: Answer) -> JobError:
    """The error of a code that is not taken; this endpoint has a form of its own, and at times the Graph API's."""
    if answer.status >= 500:
        return SiteFailed()
    if answer.status == 429:
        return Throttled(until=answer.retry_at)
    body = answer.body or {}
    said = (line(body, "error_message") or line(child(body, "error"), "message") or "").lower()
    if "redirect_uri" in said or "platform app" in said or "client" in said:
        return AppRefused()
    return CodeUsed() if "code" in said else UnexpectedAnswer()
