"""``/v2/reports``: a table of figures of the caller's own channel."""

from flask import Blueprint, Response

from sandbox.google.api.answers import ApiError, Json, refuse, reply
from sandbox.google.api.caller import Caller, caller, check_api, check_scope
from sandbox.google.api.quota import spend_report
from sandbox.google.api.trouble import check_faults
from sandbox.google.faults import FaultKind, Where
from sandbox.google.oauth.clients import ANALYTICS, ANALYTICS_API, MONETARY
from sandbox.google.site import site
from sandbox.world.channel.channel import Channel, State

from .query import Query, not_supported, read_query
from .rows import columns, rows

blueprint = Blueprint("analytics", __name__, url_prefix="/v2")
blueprint.register_error_handler(ApiError, refuse)


@blueprint.get("/reports")
def reports() -> Response:
    """Return the rows of a report; without data there are none, and often no ``rows`` at all."""
    check_faults(Where.ANALYTICS)
    who = caller()
    check_api(who, ANALYTICS_API, Where.ANALYTICS)
    check_scope(who, ANALYTICS, MONETARY)
    spend_report(who.client)
    query = read_query()
    channel = _channel(who, query)
    if site().faults.take(FaultKind.METRIC_RETIRED, Where.ANALYTICS, *query.metrics):
        raise not_supported()
    empty = site().faults.take(FaultKind.EMPTY, Where.ANALYTICS)
    found = [] if empty else rows(channel, query, lag())
    body: Json = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": columns(query)}
    return reply({**body, "rows": found} if found or "day" in query.dimensions else body)


def lag() -> int:
    """Return by how many days the figures come later than usual."""
    fault = site().faults.take(FaultKind.ANALYTICS_LAG, Where.ANALYTICS)
    return int(fault.variant) if fault and fault.variant.isdecimal() else 0


def _channel(who: Caller, query: Query) -> Channel:
    """Return the channel that is meant; raises ApiError unless it is the caller's own and open."""
    forbidden = ApiError(403, "forbidden", "Forbidden", rpc="PERMISSION_DENIED")
    if site().faults.take(FaultKind.FORBIDDEN, Where.ANALYTICS) or who.channel is None:
        raise forbidden
    if query.ids not in ("channel==MINE", f"channel=={who.channel.id}") or who.channel.state is not State.OPEN:
        raise forbidden
    return who.channel
