"""The second step of a login: a code from the stored secret if there is one, else from the person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.domain.input.codes import plain_code
from shared.domain.jobs import CodeMethod, InputRequest
from shared.errors import LoginRejected, LoginThrottled, TooManyWrongCodes
from worker.platforms.instagram_web.login.page import LoginPage, Warned, shows
from worker.platforms.instagram_web.login.responses import Outcome, TwoFactor, Verdict
from worker.platforms.instagram_web.login.totp_codes import Authenticator
from worker.platforms.instagram_web.site import selectors
from worker.platforms.login import Ask

_MAX_WRONG = 5
# If codes of a stored secret are refused twice, it belongs to another account or was renewed.
_MAX_OWN = 2
_SWITCH_SECONDS = 8.0
_SMS_SECONDS = 15.0
_WARNING_SECONDS = 3.0
_BACKUP_LENGTH = 8
_SENT = frozenset({CodeMethod.SMS, CodeMethod.WHATSAPP})
_WRONG = "Instagram did not accept this code. Check it and enter it again."
_WRONG_OWN = "Instagram did not accept the codes made from the authenticator secret. Enter a code yourself."
_NO_CODE = "A code is made of digits. Enter it again."
_NO_SWITCH = "Instagram's page does not offer this way now."
_NOT_YET = "Instagram does not send another message yet. Ask again when the time shown here is over."
_NOT_SENT = "Instagram did not send another message. Use the last one, or another way."
_EXPIRED = "That code came too late. Enter a fresh one."


class SecondFactor:
    """Enters codes on the page until one is accepted."""

    def __init__(self, login: LoginPage, wanted: TwoFactor, ask: Ask, authenticator: Authenticator | None) -> None:
        self._login, self._page, self._wanted, self._ask = login, login.page, wanted, ask
        self._authenticator = authenticator
        self._method = wanted.methods[0]
        self._wrong, self._made = 0, 0
        self._error: str | None = None
        self._sent_at = datetime.now(UTC)

    async def run(self) -> None:
        """Returns when a code was accepted. Raises TooManyWrongCodes, the errors of `ask` and of the site's answers."""
        await selectors.code_input(self._page).wait_for()
        await self._login.ready()
        while self._wrong < _MAX_WRONG:
            code = await self._next_code()
            if code is None:
                continue
            if await self._enter(code) is Verdict.IN:
                return
            self._wrong += 1
            self._error = _WRONG
        raise TooManyWrongCodes

    async def _next_code(self) -> str | None:
        """A code to enter; None when the answer was another way or no possible code."""
        own = await self._own_code()
        if own is not None:
            return own
        others = tuple(method for method in self._wanted.methods if method is not self._method)
        sent_to = self._wanted.sent_to if self._method in _SENT else None
        reply = await self._ask(InputRequest(self._method, sent_to, others, self._error, self._resend_at()))
        self._error = None
        if reply.resend:
            await self._change_to(self._method)
        elif reply.method is not None:
            await self._change_to(reply.method)
        else:
            return await self._usable(reply.code)
        return None

    async def _own_code(self) -> str | None:
        if self._authenticator is None or CodeMethod.TOTP not in self._wanted.methods:
            return None
        if self._made == _MAX_OWN:
            self._authenticator, self._error = None, _WRONG_OWN
            return None
        self._made += 1
        if self._method is not CodeMethod.TOTP and not await self._switched(CodeMethod.TOTP):
            return None
        return await self._authenticator.code()

    async def _usable(self, entered: str | None) -> str | None:
        if entered is None:
            self._error = _EXPIRED
            return None
        digits = "".join(sign for sign in plain_code(entered) if sign.isdecimal())
        if not digits:
            self._error = _NO_CODE
            return None
        if len(digits) == _BACKUP_LENGTH and self._method is not CodeMethod.BACKUP:
            await self._switched(CodeMethod.BACKUP)
        return digits

    async def _change_to(self, method: CodeMethod) -> None:
        if method is self._method and method in _SENT:
            await self._send_again()
        elif method is not self._method and not await self._switched(method):
            self._error = _NO_SWITCH

    async def _switched(self, method: CodeMethod) -> bool:
        """Uses the page's own switch, which on some pages is behind another one; False when there is none."""
        switch = selectors.switch(self._page, method)
        if switch is None:
            return False
        more = selectors.more_ways(self._page)
        if not await shows(switch.or_(more), _SWITCH_SECONDS):
            return False
        if not await switch.is_visible():
            await more.click()
            if not await shows(switch, _SWITCH_SECONDS):
                return False
        self._login.forget()
        await switch.click()
        chosen = selectors.go_on(self._page)
        if await chosen.is_visible():
            await chosen.click()
        self._method = method
        if method in _SENT:
            await self._renewed()
        return True

    def _resend_at(self) -> datetime | None:
        """The time of the next allowed message; None where none is sent."""
        if self._method not in _SENT:
            return None
        return self._sent_at + (self._wanted.resend_after or timedelta(0))

    async def _send_again(self) -> None:
        earliest = self._resend_at()
        if earliest is not None and datetime.now(UTC) < earliest:
            self._error = _NOT_YET
            return
        again = selectors.resend(self._page)
        if not await shows(again, _SWITCH_SECONDS):
            self._error = _NO_SWITCH
            return
        self._login.forget()
        await again.click()
        await self._renewed()

    async def _renewed(self) -> None:
        """Waits for the answer to the request for a message; it may name another number, or refuse."""
        try:
            outcome = await self._login.next_outcome(_SMS_SECONDS)
        except (LoginThrottled, LoginRejected):
            self._error = _NOT_SENT
            # A later answer would be taken for the answer to the next code.
            await shows(selectors.warning(self._page), _WARNING_SECONDS)
            return
        self._sent_at = datetime.now(UTC)
        if isinstance(outcome, TwoFactor):
            self._wanted = outcome

    async def _enter(self, code: str) -> Outcome:
        try:
            answer = await self._login.submit(selectors.code_input(self._page), code)
        except Warned:
            return Verdict.CODE_REFUSED
        if answer is Verdict.CODE_REFUSED:
            # The page's own warning follows the call, and would be taken for the answer to the next code.
            await shows(selectors.warning(self._page), _WARNING_SECONDS)
        return answer
