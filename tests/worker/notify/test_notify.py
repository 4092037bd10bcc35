"""Alerts by mail: only to who wants them, each once, over SMTP or HTTPS, again after a failure and never for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.domain.input.email_addresses import clean_address
from shared.settings import load
from shared.store.users import email_alerts
from shared.store.users.email_alerts import Mail
from tests.conftest import Personas
from tests.worker.notify.mail_sinks import ApiSink, SmtpSink, certificates, listening
from worker.notify.base import Letter, MailFailed, MailUnsure, one_line
from worker.notify.deliver import deliver, letter, sender_of
from worker.notify.https import HttpsSender
from worker.notify.smtp import SmtpSender, message

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
ME = "rollcall@example.org"
LETTER = Letter("alice@example.org", "Rollcall: alice", "Ein Gruß.\n", "key-1")
URL = "https://rollcall.example.org"


class Hand:
    """Sends nothing, and fails as it is told."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
def alert(
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    web_pool: ConnectionPool[WebConnection],
) -> Callable[[], UUID]:
    """alert() -> the profile of an alert of Alice's, who wants mail; Bob has one too and never said so."""
    hers, his = make_profile(people.alice), make_profile(people.bob, "bob.test")
    with tenant(web_pool, people.alice) as conn:
        email_alerts.set_preference(conn, people.alice, True)
    owner.execute(
        "insert into email_confirmations (user_id, address, state, confirmed_at)"
        " select id, email, 'SENT', now() from auth.users where id = %s",
        [people.alice],
    )

    def make() -> UUID:
        for user, profile in ((people.alice, hers), (people.bob, his)):
            owner.execute(
                "insert into alerts (user_id, profile_id, kind, params)"
                """ values (%s, %s, 'session_dead', '{"code": "session_dead", "next_step": "Connect again.",
                "sentence": "Instagram has ended the session."}')""",
                [user, profile],
            )
        return hers

    return make


def states(owner: Owner) -> list[tuple[str, int, str | None]]:
    rows = owner.execute("select state, attempts, error from alert_deliveries order by id").fetchall()
    return [(row["state"], row["attempts"], row["error"]) for row in rows]


async def test_who_wants_mail_gets_the_sentence_and_the_way_back_once(
    owner: Owner, worker_pool: Pool, alert: Callable[[], UUID]
) -> None:
    profile, hand = alert(), Hand()
    assert await deliver(worker_pool, hand, URL) == 1
    assert await deliver(worker_pool, hand, URL) == 0
    (letter,) = hand.letters
    assert (letter.to, letter.subject) == ("alice@example.org", "Rollcall: alice.test")
    assert letter.text.startswith(f"Instagram has ended the session. Connect again.\n\n{URL}/profiles/{profile}\n")
    assert f"{URL}/account" in letter.text
    assert states(owner) == [("SENT", 1, None)]


async def test_many_workers_at_once_send_each_mail_once(
    owner: Owner, worker_pool: Pool, alert: Callable[[], UUID]
) -> None:
    for _ in range(30):
        alert()
    hand = Hand()
    sent = await asyncio.gather(*(deliver(worker_pool, hand, URL) for _ in range(5)))
    assert sum(sent) == len(hand.letters) == len({letter.key for letter in hand.letters}) == 30
    assert set(states(owner)) == {("SENT", 1, None)}


async def test_what_was_put_away_or_happened_before_the_wish_is_not_mailed(
    owner: Owner,
    people: Personas,
    worker_pool: Pool,
    web_pool: ConnectionPool[WebConnection],
    alert: Callable[[], UUID],
) -> None:
    alert()
    owner.execute("update alerts set dismissed_at = now() where user_id = %s", [people.alice])
    alert()
    with tenant(web_pool, people.alice) as conn:
        email_alerts.set_preference(conn, people.alice, False)
    assert await deliver(worker_pool, Hand(), URL) == 0
    with tenant(web_pool, people.alice) as conn:
        email_alerts.set_preference(conn, people.alice, True)
        assert email_alerts.wants_alerts(conn, people.alice)
    assert await deliver(worker_pool, Hand(), URL) == 0
    assert states(owner) == []


async def test_a_failure_is_tried_again_ever_later_and_given_up_after_six(
    owner: Owner, worker_pool: Pool, alert: Callable[[], UUID]
) -> None:
    alert()
    hand = Hand(*(MailFailed("http_503", permanent=False) for _ in range(9)))
    waits = []
    for _ in range(8):
        await deliver(worker_pool, hand, URL)
        row = owner.execute(
            "select state, due_at > now() as later, due_at - now() as wait from alert_deliveries"
        ).fetchone()
        assert row is not None
        waits.append(round(row["wait"].total_seconds() / 60) if row["later"] else 0)
        owner.execute("update alert_deliveries set due_at = now() where state = 'DUE'")
    assert waits[:6] == [1, 4, 16, 64, 256, 0]
    assert len(hand.letters) == 6
    assert states(owner) == [("FAILED", 6, "http_503")]


@pytest.mark.parametrize(
    ("error", "said"), [(MailFailed("smtp_550", permanent=True), "smtp_550"), (MailUnsure(), "mail_unsure")]
)
async def test_a_refusal_for_good_and_a_doubt_are_not_tried_again(
    owner: Owner, worker_pool: Pool, alert: Callable[[], UUID], error: Exception, said: str
) -> None:
    alert()
    hand = Hand(error)
    await deliver(worker_pool, hand, URL)
    await deliver(worker_pool, hand, URL)
    assert len(hand.letters) == 1
    assert states(owner) == [("FAILED", 1, said)]


@pytest.mark.parametrize("fault", [ValueError("a line end"), AttributeError(), StopIteration(), KeyError("to")])
async def test_a_mail_that_breaks_is_given_up_and_the_others_go_out(
    owner: Owner, worker_pool: Pool, alert: Callable[[], UUID], fault: Exception
) -> None:
    for _ in range(3):
        alert()
    hand = Hand(fault)
    assert await deliver(worker_pool, hand, URL) == 2
    assert sorted(states(owner)) == [("FAILED", 1, "mail_broke"), ("SENT", 1, None), ("SENT", 1, None)]


@pytest.mark.parametrize("address", ["a@[.org", "(@example.org", ":;@example.org", "a\nb@example.org"])
async def test_an_address_from_before_that_no_mail_can_have_is_given_up_and_the_next_mail_goes_out(
    owner: Owner,
    people: Personas,
    worker_pool: Pool,
    web_pool: ConnectionPool[WebConnection],
    alert: Callable[[], UUID],
    address: str,
) -> None:
    with tenant(web_pool, people.bob) as conn:
        email_alerts.set_preference(conn, people.bob, True)
    owner.execute("update auth.users set email = %s where id = %s", [address, people.alice])
    owner.execute(
        "insert into email_confirmations (user_id, address, state, confirmed_at)"
        " select id, email, 'SENT', now() from auth.users"
        " on conflict (user_id) do update set address = excluded.address"
    )
    alert()
    sink = SmtpSink()
    with listening(sink):
        assert await deliver(worker_pool, SmtpSender(sink.url(), ME), URL) == 1
    assert [mail["To"] for mail in sink.mails] == ["bob@example.org"]
    told = owner.execute(
        "select u.email, d.state, d.error from alert_deliveries d join auth.users u on u.id = d.user_id"
    )
    found = {row["email"]: (row["state"], row["error"]) for row in told.fetchall()}
    assert found == {address: ("FAILED", "address_unusable"), "bob@example.org": ("SENT", None)}


@pytest.mark.parametrize("name", ["al\r\nBcc: eve@example.org", "a\u2028b", "\x1b[2J", "ä" * 300, "x" * 5000])
async def test_a_name_with_line_ends_is_one_line_of_the_subject(name: str) -> None:
    sink = SmtpSink()
    mail = Mail(
        1,
        1,
        "alice@example.org",
        name,
        uuid4(),
        "challenge",
        "",
        {"code": "x", "sentence": "It ended.\x00"},
        "instagram",
    )
    with listening(sink):
        await SmtpSender(sink.url(), ME).send(letter(mail, URL))
    (got,) = sink.mails
    assert got["To"] == "alice@example.org"
    assert got["Bcc"] is None
    assert got["Subject"] == f"Rollcall: {one_line(name)}"
    assert "It ended." in got.get_content()


@given(address=st.text(max_size=300) | st.from_regex(r"[ -~]{1,20}@[ -~]{1,20}", fullmatch=True), name=st.text())
@example(address="a@[.org", name="")
@example(address="(@example.org", name="\ud83d")
@example(address=":;@example.org", name="\x00")
def test_of_any_address_and_text_a_mail_is_made_or_refused_by_name(address: str, name: str) -> None:
    written = letter(
        Mail(1, 1, address, name, UUID(int=0), "challenge", "", {"code": "x", "sentence": name}, "instagram"), URL
    )
    if clean_address(address) is None:
        with pytest.raises(MailFailed) as refused:
            message(written, ME)
        assert (refused.value.reason, refused.value.permanent) == ("address_unusable", True)
    else:
        assert message(written, ME).as_bytes().count(b"\nTo: ") == 1


async def test_a_worker_that_died_while_it_sent_leaves_a_mail_that_nobody_doubles(
    owner: Owner, worker_pool: Pool, alert: Callable[[], UUID]
) -> None:
    alert()
    async with worker_pool.connection() as conn:
        await email_alerts.plan(conn)
        assert len(await email_alerts.claim(conn, 5)) == 1
    hand = Hand()
    assert await deliver(worker_pool, hand, URL) == 0
    assert (hand.letters, states(owner)) == ([], [("SENDING", 1, None)])


async def test_a_letter_goes_over_smtp_and_the_password_over_tls_only(tmp_path: Path) -> None:
    theirs, ours = certificates(tmp_path)
    sink = SmtpSink(theirs)
    with listening(sink):
        await SmtpSender(sink.url("me:pass%40word@"), ME, ours).send(LETTER)
    (mail,) = sink.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (ME, LETTER.to, LETTER.subject)
    assert mail.get_content().splitlines() == ["Ein Gruß."]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert sink.logins == [(True, ["me", "pass@word"])]


async def test_no_password_is_said_where_tls_is_not_offered_or_not_trusted(tmp_path: Path) -> None:
    theirs, _ = certificates(tmp_path)
    for sink in (SmtpSink(), SmtpSink(theirs)):
        with listening(sink), pytest.raises(MailFailed) as failed:
            await SmtpSender(sink.url("me:password@"), ME).send(LETTER)
        assert not failed.value.permanent
        assert (sink.logins, sink.mails) == ([], [])


async def test_a_server_in_the_same_place_needs_neither_password_nor_tls() -> None:
    sink = SmtpSink()
    with listening(sink):
        await SmtpSender(sink.url(), ME).send(LETTER)
    assert len(sink.mails) == 1


@pytest.mark.parametrize(
    ("answers", "reason", "permanent"),
    [
        ({"RCPT": "550 nobody"}, "smtp_550", True),
        ({"RCPT": "451 later"}, "smtp_451", False),
        ({"MAIL": "421 busy"}, "smtp_421", False),
        ({"DATA": "554 no"}, "smtp_554", True),
    ],
)
async def test_a_servers_refusal_says_whether_to_try_again(
    answers: dict[str, str], reason: str, permanent: bool
) -> None:
    sink = SmtpSink(answers=answers)
    with listening(sink), pytest.raises(MailFailed) as failed:
        await SmtpSender(sink.url(), ME).send(LETTER)
    assert (failed.value.reason, failed.value.permanent) == (reason, permanent)
    assert "alice" not in str(failed.value)


async def test_a_line_that_breaks_after_the_letter_leaves_a_doubt_and_a_rude_farewell_does_not() -> None:
    sink = SmtpSink(hang_up=True)
    with listening(sink), pytest.raises(MailUnsure):
        await SmtpSender(sink.url(), ME).send(LETTER)
    rude = SmtpSink(answers={"QUIT": "500 what"})
    with listening(rude):
        await SmtpSender(rude.url(), ME).send(LETTER)
    assert len(sink.mails) == len(rude.mails) == 1


async def test_a_server_that_is_away_is_tried_again() -> None:
    with pytest.raises(MailFailed) as failed:
        await SmtpSender("smtp://127.0.0.1:1", ME).send(LETTER)
    assert not failed.value.permanent


async def test_a_letter_goes_over_https_with_its_key(
    owner: Owner, worker_pool: Pool, alert: Callable[[], UUID]
) -> None:
    alert()
    sink = ApiSink(503)
    with listening(sink):
        given = {
            "MAIL_FROM": ME,
            "MAIL_API_URL": sink.url,
            "MAIL_API_KEY": "re_canary",
            "SMTP_URL": "smtp://127.0.0.1:1",
        }
        sender = sender_of(load(given))
        assert isinstance(sender, HttpsSender)
        assert "canary" not in repr(sender)
        assert await deliver(worker_pool, sender, URL) == 0
        owner.execute("update alert_deliveries set due_at = now()")
        assert await deliver(worker_pool, sender, URL) == 1
    (path, headers, body), (_, again, _) = sink.asked
    assert (path, headers["Authorization"]) == ("/emails", "Bearer re_canary")
    assert headers["Idempotency-Key"] == again["Idempotency-Key"] != ""
    assert (body["from"], body["to"], body["subject"]) == (ME, ["alice@example.org"], "Rollcall: alice.test")
    assert set(body) == {"from", "to", "subject", "text"}


@pytest.mark.parametrize(("status", "permanent"), [(401, True), (422, True), (429, False), (500, False)])
async def test_a_services_refusal_says_whether_to_try_again(status: int, permanent: bool) -> None:
    sink = ApiSink(status)
    with listening(sink), pytest.raises(MailFailed) as failed:
        await HttpsSender(sink.url, "k", ME).send(LETTER)
    assert (failed.value.reason, failed.value.permanent) == (f"http_{status}", permanent)


def test_no_mail_is_sent_where_it_is_not_set_up() -> None:
    assert sender_of(load({})) is None
    assert sender_of(load({"MAIL_FROM": ME})) is None
    assert isinstance(sender_of(load({"MAIL_FROM": ME, "SMTP_URL": "smtps://mail.example.org"})), SmtpSender)
