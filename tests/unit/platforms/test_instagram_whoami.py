"""The session's account is identified; an unknown refusal is named, not swallowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from shared.domain.social import Observation, PlatformId
from shared.errors import UnexpectedAnswer
from worker.platforms.instagram_web.reading.whoami import who_am_i
from worker.platforms.instagram_web.site.responses import Answer, Json, parse_or_raise

T = TypeVar("T")


@pytest.mark.parametrize("own_id", [None, PlatformId("9")])
async def test_a_word_that_nobody_has_seen_is_named(own_id: PlatformId | None) -> None:
    checked: list[str] = []

    async def read(path: str, referrer: str, parse_body: Callable[[Json], T], /) -> Observation[T]:
        return Observation(
            parse_body(parse_or_raise(Answer(200, json.dumps({"message": "brand_new_block"})))), datetime.now(UTC)
        )

    async def check(page: str) -> None:
        checked.append(page)

    with pytest.raises(UnexpectedAnswer, match="whose session this is") as told:
        await who_am_i(read, check, own_id, "/alice.test/")
    assert "“brand_new_block”" in told.value.sentence
    assert told.value.sentence.endswith(".")
    assert checked == ["/alice.test/"]
