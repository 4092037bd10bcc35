"""A mail that no server takes, before one that can be sent."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from tests.reliability.machine import SIGNS_SECONDS, until
from tests.reliability.rows import Row
from tests.reliability.stage import House, begin
from tests.worker.notify.mail_sinks import SmtpSink, listening

# No server of the older kind takes a letter beyond ASCII before the @.
_ADDRESSES = ("jürgen@example.org", "good@example.org")
_WISHED: LiteralString = """
    with person as (insert into auth.users (email, encrypted_password) values (%(address)s, 'no login') returning id),
    profile as (insert into public.profiles (user_id, platform, username)
        select id, 'instagram', %(username)s from person returning id, user_id),
    wish as (insert into public.email_preferences (user_id, alerts, changed_at)
        select id, true, now() - interval '1 hour' from person),
    confirmed as (insert into public.email_confirmations (user_id, address, state, confirmed_at)
        select id, %(address)s, 'SENT', now() from person)
    insert into public.alerts (user_id, profile_id, kind, params)
    select user_id, id, 'session_dead', '{"code": "session_dead"}' from profile
"""
_GIVEN_UP: LiteralString = "select from public.alert_deliveries where state = 'FAILED'"
_FORGOTTEN: LiteralString = "delete from auth.users where email = any(%s)"


def mail_that_no_server_takes(there: House, row: Row) -> UUID:
    """A worker that also sends mails meets the bad one first; AssertionError where the other mail does not arrive."""
    sink, conn = SmtpSink(), there.desk.conn
    with listening(sink):
        for number, address in enumerate(_ADDRESSES):
            conn.execute(_WISHED, {"address": address, "username": f"mailed{number}"})
        given = {"SMTP_URL": sink.url(), "MAIL_FROM": "rollcall@example.org", "SCHEDULER": "true"}
        there.workers.kill(0, **given)
        job = begin(there, row)
        there.desk.ended([job], SIGNS_SECONDS)
        until("the bad mail is given up", lambda: conn.execute(_GIVEN_UP).rowcount)
        until("the good mail arrives", lambda: sink.mails)
        assert [mail["To"] for mail in sink.mails] == list(_ADDRESSES[1:])
    there.workers.kill(0)
    conn.execute(_FORGOTTEN, [list(_ADDRESSES)])
    return job
