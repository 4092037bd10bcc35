"""The files about people: the present lists, new, lost and renamed people, and all changes by time."""

from __future__ import annotations

from typing import LiteralString

from shared.domain.exports import What
from worker.exports.columns import Table, moment, text, yes_no

_KNOWN = (
    "exact: the platform told the time; between: it lies between the column before and the time; before: it was so "
    "at the first sync of the list, so the time is the latest possible one"
)
_ID = text("id", "p.platform_id", "the platform's id of the person, as text; it stays when the username changes", 20)
_PERSON = (
    _ID,
    text("username", "nullif(p.username, '')", "the newest known username; empty: the platform has told none", 24),
    text("full_name", "p.full_name", "the name that the person shows", 28),
    text(
        "profile_url",
        "replace(%(profile_url)s, '{username}', nullif(p.username, ''))",
        "the person's page; empty where the username is",
        44,
    ),
    yes_no("verified", "p.is_verified", "whether the platform shows the person as verified"),
    yes_no("private", "p.is_private", "whether the person's account is private"),
)
_FOLLOWS_ME = yes_no("follows_me", "p.follows_me", "whether the person follows the profile now")
_I_FOLLOW = yes_no("i_follow", "p.i_follow", "whether the profile follows the person now")
_I_FOLLOW_SINCE = moment("i_follow_since", "p.i_follow_since", "since when the profile follows the person")
_SINCE: LiteralString = "the sync that first saw the person in the list of followers"
_AFTER = "the last complete sync before, which did not show it yet"

_NOW = (
    *_PERSON,
    _FOLLOWS_ME,
    moment("follows_me_since", "p.follows_me_since", _SINCE),
    moment("follows_me_after", "f.since_after", _AFTER),
    text("follows_me_known", "f.since_known", _KNOWN, 9),
    _I_FOLLOW,
    moment("i_follow_since", "p.i_follow_since", "the sync that first saw the person in the list of accounts followed"),
    moment("i_follow_after", "g.since_after", _AFTER),
    text("i_follow_known", "g.since_known", _KNOWN, 9),
)
_NOW_SOURCE: LiteralString = """public.people p
    left join public.stays f on f.user_id = %(user_id)s and f.profile_id = %(profile_id)s
        and f.person_id = p.id and f.direction = 'follower' and f.until is null
    left join public.stays g on g.user_id = %(user_id)s and g.profile_id = %(profile_id)s
        and g.person_id = p.id and g.direction = 'following' and g.until is null"""
_OWN: LiteralString = "p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and "
_BY_FOLLOWING_ME: LiteralString = "p.follows_me_since desc, p.id desc"
_BY_MY_FOLLOWING: LiteralString = "p.i_follow_since desc, p.id desc"

_SPANS: LiteralString = "public.stays s join public.people p on p.id = s.person_id"
# The people of the first whole list are not new, however exactly a data download dates them.
_SPANS_AFTER_FIRST_LIST: LiteralString = """public.stays s join public.people p on p.id = s.person_id
    cross join (
        select min(observed_end) as first_at from public.list_runs
        where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = 'follower' and verdict = 'whole'
    ) f"""
_FOLLOWER_SPANS: LiteralString = (
    "s.user_id = %(user_id)s and s.profile_id = %(profile_id)s and s.direction = 'follower' and "
)
_STAY = (
    moment("follows_me_since", "s.since", _SINCE),
    moment("follows_me_after", "s.since_after", _AFTER),
    text("follows_me_known", "s.since_known", _KNOWN, 9),
    yes_no("returned", "s.returned", "whether the person had followed before"),
)
_NEW = Table(
    (*_PERSON, *_STAY, _FOLLOWS_ME, moment("left_at", "s.until", "when this stay ended"), _I_FOLLOW, _I_FOLLOW_SINCE),
    _SPANS_AFTER_FIRST_LIST,
    _FOLLOWER_SPANS
    + """s.since_known <> 'before' and s.since <= %(end)s
    and (%(start)s::timestamptz is null or s.since >= %(start)s)
    and s.since > coalesce(f.first_at, '-infinity')""",
    "s.since desc, s.id desc",
)
_LOST = Table(
    (
        *_PERSON,
        moment("left_at", "s.until", "the sync that first missed the person"),
        moment("left_after", "s.until_after", "the last sync before, which still showed them"),
        text("left_known", "s.until_known", _KNOWN, 9),
        text(
            "why",
            "s.why",
            "what a look-up found: unfollowed; gone: deleted, deactivated, or it blocked the profile; unknown; empty: "
            "not looked up",
            11,
        ),
        *_STAY,
        yes_no("back", "p.follows_me", "whether the person follows the profile again"),
        _I_FOLLOW,
        _I_FOLLOW_SINCE,
    ),
    _SPANS,
    _FOLLOWER_SPANS
    + """s.until <= %(end)s
    and (%(start)s::timestamptz is null or s.until >= %(start)s)""",
    "s.until desc, s.id desc",
)
_RENAMED = Table(
    (
        *_PERSON,
        text("previous_username", "n.username", "the username before", 24),
        text("new_username", "n.renamed_to", "the username after", 24),
        moment("renamed_at", "n.renamed_at", "the sync that first showed the new one"),
        moment("renamed_after", "n.renamed_after", "the last complete sync before, which showed the old one"),
        _FOLLOWS_ME,
        _I_FOLLOW,
    ),
    "public.person_names n join public.people p on p.id = n.person_id",
    """n.user_id = %(user_id)s and n.profile_id = %(profile_id)s and p.follows_me and n.renamed_at <= %(end)s
    and (%(start)s::timestamptz is null or n.renamed_at >= %(start)s)""",
    "n.renamed_at desc, n.id desc",
)
_CHANGES = Table(
    (
        *_PERSON,
        text("event", "e.event", "gained, returned, lost or renamed", 10),
        text("list", "e.list", "followers or following; empty for a new name", 10),
        moment("at", "e.at", "the sync that first showed the change"),
        moment("after", "e.after", "the last sync before, which did not show it yet"),
        text("known", "e.known", _KNOWN, 9),
        text("previous_username", "e.previous", "the username before, where it changed", 24),
        text("new_username", "e.following", "the username after, where it changed", 24),
    ),
    """(
        select s.person_id, case when s.returned then 'returned' else 'gained' end as event,
            case s.direction when 'follower' then 'followers' else 'following' end as list, s.since as at,
            s.since_after as after, s.since_known as known, null as previous, null as following, s.id, 1 as part
        from public.stays s
        where s.user_id = %(user_id)s and s.profile_id = %(profile_id)s and s.since_known <> 'before'
            and s.since > coalesce((select min(w.observed_end) from public.list_runs w
                where w.user_id = %(user_id)s and w.profile_id = %(profile_id)s and w.direction = s.direction
                    and w.verdict = 'whole'), '-infinity')
        union all
        select s.person_id, 'lost', case s.direction when 'follower' then 'followers' else 'following' end, s.until,
            s.until_after, s.until_known, null, null, s.id, 2
        from public.stays s
        where s.user_id = %(user_id)s and s.profile_id = %(profile_id)s and s.until is not null
        union all
        select n.person_id, 'renamed', null, n.renamed_at, n.renamed_after,
            case when n.renamed_after is not null then 'between' end, n.username, n.renamed_to, n.id, 3
        from public.person_names n where n.user_id = %(user_id)s and n.profile_id = %(profile_id)s
    ) e join public.people p on p.id = e.person_id""",
    "e.at <= %(end)s and (%(start)s::timestamptz is null or e.at >= %(start)s)",
    "e.at desc, e.part, e.id desc",
)

PEOPLE = {
    What.FOLLOWERS: Table(_NOW, _NOW_SOURCE, _OWN + "p.follows_me", _BY_FOLLOWING_ME),
    What.FOLLOWING: Table(_NOW, _NOW_SOURCE, _OWN + "p.i_follow", _BY_MY_FOLLOWING),
    What.MUTUAL: Table(_NOW, _NOW_SOURCE, _OWN + "p.follows_me and p.i_follow", _BY_FOLLOWING_ME),
    What.FANS: Table(_NOW, _NOW_SOURCE, _OWN + "p.follows_me and not p.i_follow", _BY_FOLLOWING_ME),
    What.NOT_FOLLOWING_BACK: Table(_NOW, _NOW_SOURCE, _OWN + "p.i_follow and not p.follows_me", _BY_MY_FOLLOWING),
    What.NEW: _NEW,
    What.LOST: _LOST,
    What.RENAMED: _RENAMED,
    What.CHANGES: _CHANGES,
}
