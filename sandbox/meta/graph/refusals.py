"""Errors by their code, and subcode where they have one, as a fault names them: ``190/460``, ``10``, ``100/33``."""

from sandbox.meta.oauth.grants import End

from .answers import OBJECT, GraphError, no_such_object

_TOO_MUCH = "Please reduce the amount of data you're asking for, then retry your request"
_AGAIN = "Error validating access token:"
_SESSIONS = {
    End.REMOVED: f"{_AGAIN} The user has not authorized application.",
    End.CHECKPOINT: f"{_AGAIN} You cannot access the app till you log in to www.facebook.com and follow the "
    "instructions given.",
    End.PASSWORD: f"{_AGAIN} The session has been invalidated because the user changed their password or Facebook has "
    "changed the session for security reasons.",
    End.EXPIRED: f"{_AGAIN} Session has expired.",
    End.UNCONFIRMED: f"{_AGAIN} Sessions for the user are not allowed because the user is not a confirmed user.",
    End.INVALID: f"{_AGAIN} The access token is invalid.",
    End.NO_ROLE: f"{_AGAIN} The user does not have a sufficient role on the Page.",
}
THROTTLES: dict[int, str] = {
    4: "(#4) Application request limit reached",
    17: "(#17) User request limit reached",
    32: "(#32) Page request limit reached",
    341: "(#341) Application limit reached",
    613: "(#613) Calls to this api have exceeded the rate limit.",
    80002: "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again. For more "
    "info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.",
}
NOT_ENOUGH_VIEWERS = "(#10) Not enough viewers for the media to show insights"
BEFORE_BUSINESS = "(#100) The media was posted before the most recent time that the user's account was converted to a "


def dead(end: End) -> GraphError:
    """Return the refusal of a token that is over."""
    return GraphError(190, _SESSIONS[end], int(end))


def not_enough_viewers() -> GraphError:
    """Return the refusal of insights of a story with fewer than five viewers."""
    advice = "There are not enough viewers for this story to show insights."
    return GraphError(10, NOT_ENOUGH_VIEWERS, 2207003, title="Not enough viewers", advice=advice)


def before_business() -> GraphError:
    """Return the refusal of insights of a piece that is older than the professional account."""
    title = "Media posted before business account conversion"
    return GraphError(100, f"{BEFORE_BUSINESS}business account from a personal account.", 2108006, title=title)


def not_on_facebook(metric: str) -> GraphError:
    """Return the refusal of a metric that only pieces on Facebook have."""
    return GraphError(100, f"(#100) The metric {metric} is not available for media that is not crossposted.", 2207086)


def _all() -> dict[str, GraphError]:
    rows = {f"190/{end.value}": dead(end) for end in End}
    rows |= {
        "190": GraphError(190, "Invalid OAuth access token - Cannot parse access token"),
        "102": GraphError(102, "The session is no longer valid."),
        "10": GraphError(10, "(#10) Application does not have permission for this action"),
        "10/2207003": not_enough_viewers(),
        "3": GraphError(3, "(#3) Application does not have the capability to make this API call."),
        "200": GraphError(200, "(#200) Requires instagram_manage_insights permission to manage the object"),
        "299": GraphError(299, "(#299) Permission denied"),
        "100": GraphError(100, "(#100) Invalid parameter"),
        "100/33": no_such_object("0"),
        "100/2108006": before_business(),
        "100/2207086": not_on_facebook("facebook_views"),
        "1": GraphError(1, "An unknown error has occurred.", status=500),
        "1/data": GraphError(1, _TOO_MUCH, status=500),
        "2": GraphError(2, "An unexpected error has occurred. Please retry your request later.", None, status=500),
        "2/transient": GraphError(2, "Service temporarily unavailable", transient=True, status=503),
        "12/transient": GraphError(12, "Try again", type=OBJECT, transient=True),
        "368": GraphError(368, "(#368) The action attempted has been deemed abusive or is otherwise disallowed"),
        "2500": GraphError(2500, "Unknown path components: /insights"),
    }
    return rows


REFUSALS = _all()
