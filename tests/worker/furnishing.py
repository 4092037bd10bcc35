"""A profile with something in every table that a worker writes."""

from collections.abc import Callable
from uuid import UUID

from shared.domain.exports import What
from shared.domain.jobs import JobKind
from tests.worker.export_data import MONDAY, NOW, Data
from tests.worker.handling import claim, connect
from worker.jobs.files import export
from worker.services import Services


async def furnish(data: Data, services: Services, make_job: Callable[..., UUID]) -> None:
    """A row of the profile in every table, and a file."""
    for number in range(12):
        person = data.follower(str(number), f"name{number}", MONDAY)
        data.owner.execute(
            "insert into person_names (user_id, profile_id, person_id, username, renamed_to, renamed_at)"
            " values (%s, %s, %s, 'old', 'new', %s)",
            (*data.owned, person, NOW),
        )
    data.run("follower", NOW)
    data.owner.execute(
        "insert into list_pages (run_id, page, user_id, platform_ids, usernames, full_names, is_private, is_verified)"
        " select id, 0, user_id, '{}', '{}', '{}', '{}', '{}' from list_runs where profile_id = %s",
        (data.profile_id,),
    )
    data.medium("31", likes=1)
    data.day("2026-11-20")
    data.owner.execute(
        "insert into media_metrics (media_id, captured_at, user_id, profile_id, source)"
        " select id, %s, user_id, profile_id, 'browser' from media where profile_id = %s",
        (NOW, data.profile_id),
    )
    for statement in (
        "insert into media_people (media_id, role, platform_id, username, first_seen_at, last_seen_at, user_id,"
        " profile_id) select max(id), 'liker', '1', 'a', now(), now(), %s::uuid, %s::uuid from media",
        "insert into media_engagers (media_id, role, known, observed_at, user_id, profile_id)"
        " select max(id), 'liker', 1, now(), %s::uuid, %s::uuid from media",
        "insert into official_media (media_id, source, official_id, user_id, profile_id)"
        " select max(id), 'instagram_login', '1', %s::uuid, %s::uuid from media",
        "insert into media_insights (media_id, source, metric, value, captured_at, user_id, profile_id)"
        " select max(id), 'instagram_login', 'media_reach', 1, now(), %s::uuid, %s::uuid from media",
        "insert into media_staged (run_id, platform_id, user_id, profile_id, in_posts, in_reels, observed_at, payload)"
        " values (gen_random_uuid(), '1', %s, %s, true, false, now(), '{}')",
        "insert into media_runs (id, user_id, profile_id, verdict, pages, seen, added, changed)"
        " values (gen_random_uuid(), %s, %s, 'whole', 1, 1, 1, 0)",
        "insert into profile_counts (user_id, profile_id, captured_at, source) values (%s, %s, now(), 'x')",
        "insert into alerts (user_id, profile_id, kind) values (%s, %s, 'challenge')",
        "insert into disabled_endpoints (user_id, profile_id, direction, endpoint, reason, next_probe_at)"
        " values (%s, %s, 'follower', 'rest', 'r', now())",
        "insert into imports (user_id, profile_id, filenames, byte_count) values (%s, %s, '{a.zip}', 1)",
        "insert into imported_media (user_id, profile_id, kind, posted_at, files) values (%s, %s, 'post', now(), 1)",
        "insert into insights (user_id, profile_id, source, metric, period, value, captured_at)"
        " values (%s, %s, 'data_download', 'reach', 'lifetime', 1, now())",
        "insert into insight_days (user_id, profile_id, metric, source, day, value, provisional, captured_at)"
        " values (%s, %s, 'views', 'google', current_date, 1, true, now())",
        "insert into insight_totals (user_id, profile_id, metric, source, first_day, last_day, value, provisional,"
        " captured_at) values (%s, %s, 'views', 'google', current_date, current_date, 1, true, now())",
        "insert into audience_shares (user_id, profile_id, source, breakdown, keys, metric, first_day, last_day, value,"
        " captured_at) values (%s, %s, 'google', 'country', '{DE}', 'views', current_date, current_date, 1, now())",
        "insert into insight_coverage (user_id, profile_id, source, first_day, last_day, renewed_at)"
        " values (%s, %s, 'google', current_date, current_date, now())",
        "insert into metric_refusals (user_id, profile_id, source, metric, since, last_at, code)"
        " values (%s, %s, 'google', 'shares', now(), now(), 'report_refused')",
    ):
        data.owner.execute(statement, data.owned)
    data.owner.execute(
        "insert into email_confirmations (user_id, address, confirmed_at) select id, email, now() from auth.users"
        " where id = %s on conflict do nothing",
        data.owned[:1],
    )
    data.owner.execute("insert into account_settings (user_id) values (%s) on conflict do nothing", data.owned[:1])
    data.owner.execute(
        "insert into email_preferences (user_id, alerts) values (%s, true) on conflict do nothing", data.owned[:1]
    )
    data.owner.execute(
        "insert into alert_deliveries (user_id, alert_id, channel) select user_id, id, 'mail' from alerts"
        " on conflict do nothing"
    )
    await connect(services.pool, services, *data.owned)
    data.owner.execute(
        "insert into request_budget (connection_id, user_id, profile_id)"
        " select id, user_id, profile_id from connections where user_id = %s and profile_id = %s"
        " on conflict do nothing",
        data.owned,
    )
    data.owner.execute(
        "insert into api_calls (connection_id, quota, day, user_id, profile_id)"
        " select id, 'youtube_data', current_date, user_id, profile_id from connections"
        " where user_id = %s and profile_id = %s on conflict do nothing",
        data.owned,
    )
    login = make_job(*data.owned, "LOGIN", state="FAILED", ended_at=NOW)
    data.owner.execute(
        "insert into login_screenshots (user_id, profile_id, job_id, picture, expires_at)"
        " values (%s, %s, %s, 'x', now() + interval '1 day')",
        (*data.owned, login),
    )
    make_job(*data.owned, "SYNC", state="COMPLETED", ended_at=NOW)
    data.request(What.FOLLOWERS)
    await export.run(await claim(services.pool, [JobKind.EXPORT]), services)
    data.owner.execute("update sync_jobs set state = 'COMPLETED' where kind = 'EXPORT' and state = 'RUNNING'")
