"""Quota by project and Pacific day: units of the Data API, and reports apart from them."""

from sandbox.google.oauth.clients import ANALYTICS_API, DATA_API, Client
from sandbox.google.site import site

from .answers import ApiError

_DATA_SPENT = (
    'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">'
    "quota</a>."
)


def spend_unit(client: Client) -> None:
    """Count one unit, also for a call that will be refused as invalid; raises ApiError when today's are used."""
    _spend(client, DATA_API, client.units, ApiError(403, "quotaExceeded", _DATA_SPENT, "youtube.quota"))


def spend_report(client: Client) -> None:
    """Count one report; raises ApiError when today's are used."""
    message = f"Quota exceeded for quota metric 'Queries' and limit 'Queries per day' of service '{ANALYTICS_API}'."
    spent = ApiError(403, "dailyLimitExceeded", message, "usageLimits", rpc="RESOURCE_EXHAUSTED")
    _spend(client, ANALYTICS_API, client.reports, spent)


def spend_all(client: Client) -> None:
    """Use up today's quota of both APIs."""
    site().spent[site().tally(client.project, DATA_API)] = client.units
    site().spent[site().tally(client.project, ANALYTICS_API)] = client.reports


def _spend(client: Client, api: str, most: int, refusal: ApiError) -> None:
    tally = site().tally(client.project, api)
    if site().spent[tally] >= most:
        raise refusal
    site().spent[tally] += 1
