"""Mail over HTTPS, where SMTP is closed: `POST /emails` with a bearer key, as Resend and its imitators have it."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from shared.domain.input.email_addresses import clean_address
from worker.notify.base import Letter, MailFailed

_TIMEOUT = 20.0
_COME_BACK = (408, 409, 425, 429)


@dataclass(frozen=True, slots=True)
class HttpsSender:
    """Sends through the service at `url`. The letter's key makes a repetition harmless, so no result is unsure."""

    url: str
    key: str = field(repr=False)
    sender: str

    async def send(self, letter: Letter) -> None:
        if clean_address(letter.to) is None:
            raise MailFailed("address_unusable", permanent=True)
        body = {"from": self.sender, "to": [letter.to], "subject": letter.subject, "text": letter.text}
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": letter.key}
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                answer = await client.post(f"{self.url}/emails", json=body, headers=headers)
        except httpx.HTTPError as error:
            raise MailFailed(type(error).__name__, permanent=False) from None
        if not answer.is_success:
            permanent = 400 <= answer.status_code < 500 and answer.status_code not in _COME_BACK
            raise MailFailed(f"http_{answer.status_code}", permanent=permanent)
