"""Answers a checkpoint after the password: a code, its way, or an approval on the person's phone.

A step that only the person may do (a captcha, a photo, a new password) is never worked around: it ends the login with
the sentence that says what Instagram needs.
"""

from __future__ import annotations

import asyncio

from playwright.async_api import Page

from shared.domain.input.codes import plain_code
from shared.domain.jobs import CodeMethod, InputRequest
from shared.errors import (
    ApprovalDenied,
    CaptchaRequired,
    CheckpointRequired,
    JobError,
    NobodyAnswered,
    PasswordChangeRequired,
    SelfieRequired,
    TooManyWrongCodes,
)
from worker.browser.visit import visit_again
from worker.platforms.instagram_web.login.checkpoint import kinds
from worker.platforms.instagram_web.login.checkpoint.code_field import CodeEntry
from worker.platforms.instagram_web.login.checkpoint.kinds import Kind
from worker.platforms.instagram_web.login.checkpoint.page import After, CheckpointView
from worker.platforms.instagram_web.login.checkpoint.responses import Heard
from worker.platforms.instagram_web.login.checkpoint.snapshot import Choice
from worker.platforms.instagram_web.site.responses import login_page_refusal
from worker.platforms.login import Ask, CodeReply

_MAX_WRONG = 5
_MAX_PICKS = 5
_LEAVE_SECONDS = 30.0
_NUDGE_SECONDS = 4.0
_SENDABLE = (CodeMethod.EMAIL, CodeMethod.SMS, CodeMethod.WHATSAPP)
_WRONG = "Instagram did not accept this code. Check it and enter it again."
_NO_CODE = "A code is made of digits. Enter it again."
_EXPIRED = "That answer came too late. Give it again."
_NO_WAY = "Instagram's page does not offer this way now."
_TOO_SOON = "Instagram does not send another code yet."
_NOT_YET = "Instagram has not told this login about your confirmation yet."
_STOPS: dict[Kind, type[JobError]] = {
    Kind.DENIED: ApprovalDenied,
    Kind.CAPTCHA: CaptchaRequired,
    Kind.SELFIE: SelfieRequired,
    Kind.NEW_PASSWORD: PasswordChangeRequired,
}


class Checkpoint:
    """One login's checkpoint, page by page. Create it before the password is entered, so that it hears everything."""

    def __init__(self, page: Page, ask: Ask) -> None:
        self._view, self._ask, self._heard = CheckpointView(page), ask, Heard(page)
        self._entry = CodeEntry(page, self._heard)
        self._ways: tuple[CodeMethod, ...] = ()
        self._wanted: CodeMethod | None = None
        self._wrong, self._picks = 0, 0
        self._error: str | None = None

    async def run(self, asked: CheckpointRequired) -> After:
        """Returns when the checkpoint is past; `asked` is raised again where no known page appears.

        Raises CaptchaRequired, SelfieRequired, PasswordChangeRequired, SuspectedAutomation, ConsentRequired, Suspended,
        ApprovalDenied, TooManyWrongCodes, NobodyAnswered, LoginThrottled, SiteFailed, UnexpectedAnswer, and the errors
        of `ask`.
        """
        await self._view.reach(asked)
        while True:
            found = await self._view.recognise(asked)
            if isinstance(found, After):
                return found
            if found in _STOPS:
                raise _STOPS[found]
            if found is Kind.PICKER:
                await self._pick(asked)
            elif found is Kind.CODE:
                await self._code()
            else:
                await self._approval()

    async def _pick(self, asked: CheckpointRequired) -> None:
        """Chooses the person's way, else the page's own choice, else the first."""
        self._picks += 1
        ways = kinds.ways(self._view.shown)
        if not ways or self._picks > _MAX_PICKS:
            raise asked
        if self._wanted is not None and self._wanted not in ways:
            self._error = _NO_WAY
        chosen = (method for method, one in ways.items() if isinstance(one, Choice) and one.checked)
        method = self._wanted if self._wanted in ways else next(chosen, next(iter(ways)))
        self._ways, self._wanted = tuple(ways), method
        await self._view.press(ways[method])
        if isinstance(ways[method], Choice):
            button = kinds.go_on(self._view.shown)
            if button is None:
                raise asked
            await self._view.press(button)
        await self._view.leaves(Kind.PICKER, _LEAVE_SECONDS)

    async def _code(self) -> None:
        """Asks for codes until the page changes; the person may also request another code, or another way."""
        await self._view.settle()
        await self._heard.caught_up()
        while True:
            reply = await self._asked(await self._request(), Kind.CODE)
            if reply is None:
                return
            if reply.method is not None and reply.method is not self._method():
                if await self._another_way(reply.method, Kind.CODE):
                    return
            elif reply.resend or reply.method is not None:
                self._error = None if await self._entry.send_again() else _TOO_SOON
            elif (digits := self._digits(reply)) is not None and await self._is_taken(digits):
                return

    async def _is_taken(self, digits: str) -> bool:
        if await self._entry.is_taken(digits, lambda: self._view.is_still(Kind.CODE)):
            return True
        self._wrong += 1
        self._error = _WRONG
        if self._wrong >= _MAX_WRONG:
            raise TooManyWrongCodes
        return False

    async def _approval(self) -> None:
        """Waits for the phone; the page moves on by itself, and the person's answer here only triggers another look."""
        while True:
            request = InputRequest(CodeMethod.APPROVAL, None, self._others(CodeMethod.APPROVAL), self._error)
            try:
                reply = await self._asked(request, Kind.APPROVAL)
            except NobodyAnswered:
                raise NobodyAnswered().as_variant("phone") from None
            if reply is None or (reply.done and await self._nudged()):
                return
            if reply.method in _SENDABLE and await self._another_way(reply.method, Kind.APPROVAL):
                return
            self._error = self._error or (_NOT_YET if reply.done else _EXPIRED)

    async def _nudged(self) -> bool:
        """Whether the page has moved on, now or after a reload."""
        if await self._view.leaves(Kind.APPROVAL, _NUDGE_SECONDS):
            return True
        seen = await visit_again(self._view.page)
        if (refused := login_page_refusal(seen.status, is_empty=seen.is_empty)) is not None:
            raise refused
        return await self._view.leaves(Kind.APPROVAL, _NUDGE_SECONDS)

    async def _asked(self, request: InputRequest, standing: Kind) -> CodeReply | None:
        """The person's reply; None when the page moved on by itself before it."""
        self._error = None
        watch = asyncio.create_task(self._view.wait_until_gone(standing))
        try:
            reply = await self._ask(request, watch)
            if watch.done():
                watch.result()
                return None
            return reply
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _another_way(self, method: CodeMethod, standing: Kind) -> bool:
        """Opens the page's other ways; False, with a note about it, where it shows none."""
        button = kinds.another_way(self._view.shown)
        if button is not None:
            self._wanted = method
            await self._view.press(button)
            if await self._view.leaves(standing, _LEAVE_SECONDS):
                return True
        self._error = _NO_WAY
        return False

    async def _request(self) -> InputRequest:
        await self._view.look()
        method, (_, sent_to) = self._method(), kinds.contact(self._view.shown.text)
        resend_at = self._entry.again_at(self._view.shown)
        return InputRequest(method, sent_to, self._others(method), self._error, resend_at)

    def _method(self) -> CodeMethod:
        return self._heard.method or kinds.contact(self._view.shown.text)[0]

    def _others(self, present: CodeMethod) -> tuple[CodeMethod, ...]:
        """The ways in the page's picker; before it was seen, all ways."""
        if kinds.another_way(self._view.shown) is None:
            return ()
        return tuple(method for method in self._ways or _SENDABLE if method is not present)

    def _digits(self, reply: CodeReply) -> str | None:
        digits = "".join(sign for sign in plain_code(reply.code or "") if sign.isdecimal())
        if not digits:
            self._error = _EXPIRED if reply.code is None else _NO_CODE
        return digits or None
