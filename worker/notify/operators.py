"""Sends operators their mails about episodes, each claimed, sent outside any transaction, and settled by itself."""

from __future__ import annotations

from shared.messages import Translate, render
from shared.store.operator import episode_mails
from shared.store.operator.episode_mails import EpisodeMail
from worker.notify.base import Letter, Sender, plain
from worker.notify.deliver import settle
from worker.periodic.task import fault_of
from worker.services import Pool

_BATCH = 20


async def deliver(pool: Pool, sender: Sender, public_url: str | None) -> int:
    """Sends due mails and returns the number sent; any number of workers may run at the same time."""
    sent = 0
    for _ in range(_BATCH):
        async with pool.connection() as conn:
            claimed = await episode_mails.claim(conn, 1)
        if not claimed:
            break
        sent += await _deliver(pool, sender, claimed[0], public_url)
    return sent


async def _deliver(pool: Pool, sender: Sender, mail: EpisodeMail, public_url: str | None) -> bool:
    async def send() -> None:
        await sender.send(letter(mail, public_url))

    fault = await fault_of(send)
    async with pool.connection() as conn:
        await settle(conn, episode_mails, mail, fault)
    return fault is None


def letter(mail: EpisodeMail, public_url: str | None, _: Translate = str) -> Letter:
    """The mail about an episode, in the language of `_`: its sentence, and the address of the operator's pages."""
    where = f"\n\n{public_url}/admin" if public_url else ""
    end = _("This address is named in OPERATORS of an installation of Rollcall.")
    text = f"{plain(render(mail.message, _))}{where}\n\n--\n{end}\n"
    return Letter(mail.address, _("Rollcall: for the operators"), text, f"rollcall-episode-{mail.id}")
