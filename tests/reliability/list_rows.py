"""Lists that lie, each in its own way."""

from tests.reliability.rows import Row

_NOTHING = "Nothing: the list comes out whole."
_PARTIAL = "That the list could be read in part only, how many of how many, and that no one is counted as lost."
_LONG = 200


def _list(kind: str, **more: object) -> tuple[dict[str, object], ...]:
    return ({"kind": kind, "where": "json", "variant": "followers", "times": _LONG, **more},)


ROWS = (
    Row(
        "empty-list",
        "It answers with no people at all, and all is well.",
        "Judges the list as void against the profile's own count and publishes nothing of it.",
        "That the list came back empty although the profile reports people.",
        _list("empty_list"),
        alert="list_void",
        verdict="void",
        most_requests=60,
    ),
    Row(
        "limited-list",
        "It says that it shows only a part of the list.",
        "Adds the people it shows and counts no one as lost.",
        _PARTIAL,
        _list("limited_list"),
        alert="list_partial",
        verdict="partial",
        most_requests=60,
    ),
    Row(
        "short-list",
        "It ends the list early, as if that were all.",
        "Compares with the profile's count; too few are a part, not the list.",
        _PARTIAL,
        _list("short_list", after=1),
        alert="list_partial",
        verdict="partial",
        most_requests=60,
    ),
    Row(
        "repeated-cursor",
        "It leads back to a page that was already read.",
        "Stops at the repeated cursor instead of going in a circle.",
        _PARTIAL,
        _list("repeated_cursor"),
        alert="list_partial",
        verdict="partial",
        most_requests=80,
    ),
    Row(
        "barren-pages",
        "It continues with empty pages that have a next one.",
        "Stops after two of them.",
        _PARTIAL,
        _list("barren_pages", after=1),
        alert="list_partial",
        verdict="partial",
        most_requests=80,
    ),
    Row(
        "same-people",
        "It shows the first page's people on every page.",
        "Stops after three pages with no one new.",
        _PARTIAL,
        _list("same_people"),
        alert="list_partial",
        verdict="partial",
        most_requests=80,
    ),
    Row(
        "duplicates",
        "It shows people twice.",
        "Counts each person once, by the platform's id.",
        _NOTHING,
        _list("duplicates"),
    ),
    Row(
        "reranked",
        "It ranks the list again in each pass, so that some are never on the pages that are read.",
        "Reads the list again until the union of the passes stops growing.",
        _NOTHING,
        _list("reranked"),
        most_requests=120,
    ),
    Row(
        "count-moves",
        "The profile's count moves while the list is read.",
        "Judges by the nearer of the two counts; a list that does not match exactly tells a loss only when a second"
        " whole one agrees.",
        _NOTHING,
        ({"kind": "count_moves", "where": "json", "variant": "followers:+2", "times": 1},),
        most_requests=60,
    ),
    Row(
        "html-list",
        "It answers a list with a page of HTML.",
        "Never takes a page for an empty list; the next way is tried.",
        _NOTHING,
        _list("html_list", times=2),
        most_requests=60,
    ),
    Row(
        "nameless",
        "It leaves out the username of some people: empty, null or absent.",
        "Knows them by their id, keeps a name that was told before, and takes the first name for no rename.",
        "That Instagram has not told the username, with the person's id and no link.",
        _list("nameless"),
    ),
    Row(
        "steady-gap",
        "It counts seven people more than it shows, the same ones in each walk, from the first one on.",
        "Takes the same gap that comes back for evidence: the second walk without a person shows who left.",
        "First that the list could be read in part only; then who left.",
        _list("steady_gap", times=10_000),
        alert="list_partial",
        most_requests=200,
        standing=True,
    ),
    Row(
        "wrong-ids",
        "It writes ids as numbers in one row and as text in the next.",
        "Reads each form as the same text, also beyond what a JavaScript number holds.",
        _NOTHING,
        _list("wrong_ids"),
    ),
    Row(
        "has-more-lies",
        "It says that there is more after the last page, or that there is none before it.",
        "Follows the cursor alone.",
        _NOTHING,
        _list("has_more_lies"),
    ),
    Row(
        "route-gone",
        "It has retired the address that lists were read from.",
        "Reads by the next endpoint and disables the first for a while; a small job finds out when it is back.",
        "That Instagram changed this and another way is used.",
        ({"kind": "route_gone", "where": "json", "variant": "rest", "times": _LONG},),
        alert="endpoint_changed",
        most_requests=60,
    ),
    Row(
        "two-routes-gone",
        "It has retired two of the three addresses.",
        "Opens the list's own dialog on the profile's page, scrolls it, and reads the answers that the page gets.",
        "That Instagram changed this and another way is used.",
        (
            {"kind": "route_gone", "where": "json", "variant": "rest", "times": _LONG},
            {"kind": "route_gone", "where": "json", "variant": "graphql", "times": _LONG},
        ),
        alert="endpoint_changed",
        most_requests=80,
    ),
    Row(
        "cut-off",
        "It ends the session in the middle of a list.",
        "Stops, keeps the pages that were read, and publishes nothing.",
        "That Instagram has ended the session, in a banner with one button to connect again.",
        _list("cut_off", times=1, after=1),
        ends="FAILED",
        code="session_dead",
        alert="session_dead",
        profile="NEEDS_LOGIN",
        verdict=None,
    ),
)
