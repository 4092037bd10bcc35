"""The worker's own authenticator: right codes, and none twice."""

import pyotp
import pytest

from worker.platforms.instagram_web.login.totp_codes import Authenticator

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def test_the_first_code_is_the_one_of_now_and_comes_at_once() -> None:
    clock = Clock(1_700_000_011.0)
    made = await Authenticator(SECRET, clock=lambda: clock.now, sleep=clock.sleep).code()
    assert made == pyotp.TOTP(SECRET).at(1_700_000_011)
    assert clock.slept == []


async def test_after_a_code_the_next_half_minute_is_waited_for() -> None:
    clock = Clock(1_700_000_011.0)
    authenticator = Authenticator(SECRET, clock=lambda: clock.now, sleep=clock.sleep)
    first = await authenticator.code()
    second = await authenticator.code()
    assert second != first
    assert second == pyotp.TOTP(SECRET).at(1_700_000_011 + 30)
    assert clock.slept == [pytest.approx(30 - 1_700_000_011 % 30)]
    clock.now += 30
    assert await authenticator.code() == pyotp.TOTP(SECRET).at(int(clock.now))
    assert len(clock.slept) == 1
