"""A profile with more of everything than fits on a page, and with everything that ever made two counts differ."""

from datetime import timedelta

from psycopg.types.json import Jsonb

from tests.rig.history import NOW, History, days_ago

FIRST_LIST = days_ago(45)


def populate(made: History) -> None:
    """Writes the readings, people, posts, stories, alerts and jobs of the profile."""
    for direction in ("follower", "following"):
        made.run(FIRST_LIST, direction=direction)
        for days in (40, 20, 10, 3):
            made.run(days_ago(days), "partial" if days == 10 else "whole", direction=direction)
    _followers(made)
    _posts(made)
    _alerts_and_jobs(made)


def _followers(made: History) -> None:
    for number in range(60):
        person = made.person(f"baseline.{chr(97 + number % 26)}{'x' * (number // 26)}")
        # A data download dated half of the first list's people, some of them within the shown period.
        made.stay(person, days_ago(46 + number), known="before" if number % 2 else "exact")
        if number % 3 == 0:
            made.stay(person, FIRST_LIST, known="before", direction="following")
    for number in range(55):
        made.stay(
            made.person(f"new{'n' * number}"), days_ago(20 - number % 19), known="exact" if number % 4 else "between"
        )
    for number in range(58):
        person = made.person(f"left{'l' * number}")
        made.stay(person, days_ago(60), days_ago(40 - number % 38), known="before")
        if number % 5 == 0:
            made.stay(person, days_ago(1), returned=True)
        elif number % 7 == 0:
            made.stay(person, days_ago(2), days_ago(1.5), returned=True)
    for number in range(3):
        made.renamed(made.id_of(f"baseline.{chr(97 + number)}"), "was", "is", days_ago(2))
    for number in range(4):
        made.stay(made.person(f"idol{'i' * number}"), FIRST_LIST, known="before", direction="following")
    made.owner.execute(
        "update profiles p set mutual_count = c.mutual, fan_count = c.fans, not_following_back_count = c.idols"
        " from (select count(*) filter (where follows_me and i_follow) as mutual,"
        " count(*) filter (where follows_me and not i_follow) as fans,"
        " count(*) filter (where i_follow and not follows_me) as idols from people) c where p.id = %s",
        (made.profile,),
    )


def _posts(made: History) -> None:
    for number in range(30):
        # Ghosts are judged by the newest twelve.
        likes = 60 if number == 0 else 1
        counts = {"likes": likes, "comments": 2, "hashtags": ["summer"] if number % 2 else []}
        medium = made.medium(f"post{number}", days_ago(number + 1), caption="some words #summer", **counts)
        if number < 12:
            _seen(made, medium, "liker", likes)
    for number in range(3):
        ends = days_ago(number) + timedelta(days=1)
        story = made.medium(f"story{number}", days_ago(number), kind="story", views=55, expires_at=ends)
        _seen(made, story, "viewer", 53 if number else 55)


def _seen(made: History, medium: int, role: str, known: int) -> None:
    made.owner.execute(
        "insert into media_people (user_id, profile_id, media_id, role, platform_id, username, first_seen_at,"
        " last_seen_at) select %(user)s, %(profile)s, %(medium)s, %(role)s, platform_id, username, %(now)s, %(now)s"
        " from people where platform_id is not null order by id limit %(known)s",
        {"user": made.user, "profile": made.profile, "medium": medium, "role": role, "now": NOW, "known": known},
    )
    made.owner.execute(
        "insert into media_engagers (media_id, role, user_id, profile_id, total, known, observed_at)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (medium, role, made.user, made.profile, known, known, NOW),
    )


def _alerts_and_jobs(made: History) -> None:
    for kind, message in (("list_partial", "The list was read in part."), ("session_dead", "The session is over.")):
        made.owner.execute(
            "insert into alerts (user_id, profile_id, kind, subject, params) values (%s, %s, %s, 'follower', %s)",
            (made.user, made.profile, kind, Jsonb({"code": kind, "sentence": message, "reason": message})),
        )
    for number in range(30):
        made.owner.execute(
            "insert into sync_jobs (user_id, profile_id, kind, state, ended_at) values (%s, %s, 'SYNC', %s, now())",
            (made.user, made.profile, "FAILED" if number % 3 == 0 else "COMPLETED"),
        )
    made.owner.execute(
        "update profiles set state = 'CHALLENGED', state_code = 'challenged' where id = %s",
        (made.profile,),
    )
