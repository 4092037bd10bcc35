"""Reads the answers to a checkpoint page's own calls; without any, the page itself still shows the result.

The names are the operations' own (IG-3.5). Answers are searched for a few known keys at any depth. An address in them
may hold the checkpoint's secret: only its presence is kept.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

from shared.domain.jobs import CodeMethod

_NAME_HEADER = "x-fb-friendly-name"
_OPERATIONS = ("CodeEntryView", "SelectChallenge", "SubmitCode", "SendCodeAgain")
_WAYS = {"EMAIL": CodeMethod.EMAIL, "SMS": CodeMethod.SMS, "SOWA": CodeMethod.WHATSAPP}
_LOOP_PREFIX = "for (;;);"
_DEEPEST = 12
_LONGEST_COOLDOWN = 86_400


class Heard:
    """The last answers. `is_accepted` is None until a code was judged; `again_at` is by this machine's clock."""

    def __init__(self, page: Page) -> None:
        self.is_accepted: bool | None = None
        self.method: CodeMethod | None = None
        self.again_at: datetime | None = None
        self._reading: set[asyncio.Task[None]] = set()
        page.on("response", self._answered)

    def forget_verdict(self) -> None:
        """Forgets the last verdict before another code is entered."""
        self.is_accepted = None

    async def caught_up(self) -> None:
        """Returns when every received answer is read."""
        if self._reading:
            await asyncio.wait(self._reading)

    def take(self, name: str, text: str) -> None:
        """Reads the answer to the operation of that name."""
        if "SubmitCode" in name:
            self._judged(text)
            return
        way, wait = _found(text, "challenge_name"), _found(text, "resend_code_cooldown")
        self.method = _WAYS.get(str(way), self.method)
        if isinstance(wait, int) and not isinstance(wait, bool) and 0 <= wait <= _LONGEST_COOLDOWN:
            self.again_at = datetime.now(UTC) + timedelta(seconds=wait)

    def _judged(self, text: str) -> None:
        if _found(text, "redirect_uri"):
            self.is_accepted = True
        elif _found(text, "error_style"):
            self.is_accepted = False

    def _answered(self, response: Response) -> None:
        name = response.request.headers.get(_NAME_HEADER, "")
        if any(operation in name for operation in _OPERATIONS):
            task = asyncio.get_running_loop().create_task(self._read(name, response))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _read(self, name: str, response: Response) -> None:
        # The answers to a page's calls disappear when it moves on.
        with suppress(PlaywrightError):
            self.take(name, await response.text())


def _found(text: str, key: str) -> object:
    """The first non-null value under that key, in any of the answer's JSON lines; None where there is none."""
    for line in (text, *text.splitlines()):
        with suppress(ValueError, RecursionError):
            value = _within(json.loads(line.removeprefix(_LOOP_PREFIX)), key, _DEEPEST)
            if value is not None:
                return value
    return None


def _within(value: object, key: str, depth: int) -> object:
    if depth == 0 or not isinstance(value, dict | list):
        return None
    if isinstance(value, dict) and value.get(key) is not None:
        return value[key]
    inner = value.values() if isinstance(value, dict) else value
    return next((found for one in inner if (found := _within(one, key, depth - 1)) is not None), None)
