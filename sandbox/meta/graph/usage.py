"""The limits: calls for one account in a day, and other calls of the app in an hour, shown in headers."""

import json
from datetime import datetime, timedelta

from flask import Response, g

from sandbox.meta.faults import FaultKind, Where
from sandbox.meta.oauth.grants import Grant
from sandbox.meta.site import site

from .answers import GraphError
from .refusals import THROTTLES

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_CODE = {_DAY: 80002, _HOUR: 4}


def spend_of_account(grant: Grant, account_id: str) -> None:
    """Count a call for an account, refused or not; raises GraphError once the day's are used."""
    _spend(account_name(grant, account_id), site().app.calls_a_day, _DAY)
    g.account_used = (grant, account_id)


def spend_of_app() -> None:
    """Count a call of the app that belongs to no account; raises GraphError once the hour's are used."""
    g.app_used = True
    _spend(app_name(), _most_of_app(), _HOUR)


def spend_all() -> None:
    """Use up the limits of every account and of the app."""
    for grant in site().grants.standing():
        for account in grant.person.every_account():
            _fill(account_name(grant, account.id), site().app.calls_a_day)
    _fill(app_name(), _most_of_app())


def tell(response: Response) -> Response:
    """Write into the headers how much of a limit is used."""
    used = g.get("account_used")
    if used is not None and "X-Business-Use-Case-Usage" not in response.headers:
        response.headers["X-Business-Use-Case-Usage"] = account_usage(*used)
    if g.get("app_used") and "X-App-Usage" not in response.headers:
        share = _percent(app_name(), _most_of_app(), _HOUR)
        response.headers["X-App-Usage"] = json.dumps({"call_count": share, "total_cputime": 1, "total_time": 1})
    return response


def account_usage(grant: Grant, account_id: str, minutes: int = 0) -> str:
    """Return the header of an account's limit."""
    nearly = site().faults.take(FaultKind.NEARLY_SPENT, Where.ANY)
    share = _percent(account_name(grant, account_id), site().app.calls_a_day, _DAY)
    row: dict[str, object] = {"type": "instagram", "call_count": int(nearly.variant or 95) if nearly else share}
    row |= {"total_cputime": 1, "total_time": 1, "estimated_time_to_regain_access": minutes}
    return json.dumps({account_id: [row]})


def account_name(grant: Grant, account_id: str) -> str:
    """Return the name under which the calls for an account are counted."""
    return f"{grant.host}/{grant.person.name}/{account_id}"


def app_name() -> str:
    """Return the name under which the app's other calls are counted."""
    return f"app/{site().app.id}"


def _spend(name: str, most: int, window: timedelta) -> None:
    recent = _recent(name, window)
    if len(recent) >= most:
        minutes = -(-int((recent[0] + window - site().now).total_seconds()) // 60)
        raise _refusal(name, _CODE[window], minutes)
    recent.append(site().now)


def _refusal(name: str, code: int, minutes: int) -> GraphError:
    account_id = name.rpartition("/")[2]
    spent = {"call_count": 100, "total_cputime": 1, "total_time": 1}
    if code != 80002:
        return GraphError(code, THROTTLES[code], status=403, headers={"X-App-Usage": json.dumps(spent)})
    row = {"type": "instagram", **spent, "estimated_time_to_regain_access": minutes}
    headers = {"X-Business-Use-Case-Usage": json.dumps({account_id: [row]})}
    return GraphError(code, THROTTLES[code], status=403, headers=headers)


def _recent(name: str, window: timedelta) -> list[datetime]:
    calls = site().calls.setdefault(name, [])
    calls[:] = [at for at in calls if at > site().now - window]
    return calls


def _fill(name: str, most: int) -> None:
    site().calls[name] = [site().now] * most


def _percent(name: str, most: int, window: timedelta) -> int:
    return min(100 * len(_recent(name, window)) // max(most, 1), 100)


def _most_of_app() -> int:
    return site().app.calls_an_hour * max(len(site().grants.standing()), 1)
