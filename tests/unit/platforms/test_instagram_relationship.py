"""Asking about one person: each pair of answers, and what is concluded from it."""

import json
from datetime import UTC, datetime
from typing import cast

import pytest

from shared.domain.social import LookedUp, Observation, PlatformId, Standing
from shared.errors import CheckpointRequired, RateLimited, SessionDead, SiteFailed
from worker.platforms.instagram_web.client import InstagramWeb
from worker.platforms.instagram_web.site.page import SitePage
from worker.platforms.instagram_web.site.responses import Answer

DATE = {"date": "Wed, 10 Jun 2026 12:00:00 GMT"}
INFO, SHOW = "/api/v1/users/7/info/", "/api/v1/friendships/show/7/"
HTML = "<!DOCTYPE html><html></html>"


def told(body: object, status: int = 200) -> Answer:
    return Answer(status, body if isinstance(body, str) else json.dumps(body), DATE)


EXISTS = told({"user": {"pk": "7", "username": "now.called"}, "status": "ok"})


class Site:
    """Answers by path; the session is alive unless told otherwise."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = {INFO: answers.get("info"), SHOW: answers.get("show"), "/accounts/edit/": answers.get("alive")}
        self.asked: list[str] = []

    async def ask(self, path: str, referrer: str, form: dict[str, str] | None = None) -> Answer:
        self.asked.append(path)
        return self.answers[path] or told(HTML)

    def second_page(self) -> None:
        """A second page, which no look-up needs."""


async def look_up(site: Site) -> Observation[LookedUp]:
    return await InstagramWeb(cast(SitePage, site), PlatformId("9")).look_up(PlatformId("7"), "once.called")


@pytest.mark.parametrize(
    ("show", "standing"),
    [
        (told({"followed_by": False, "following": True, "status": "ok"}), Standing.UNFOLLOWED),
        (told({"followed_by": True, "status": "ok"}), Standing.FOLLOWS),
        (told({"following": False, "status": "ok"}), Standing.UNKNOWN),
        (told(HTML, 404), Standing.UNKNOWN),
        (told(HTML), Standing.UNKNOWN),
    ],
)
async def test_who_exists_is_asked_about_the_following(show: Answer, standing: Standing) -> None:
    found = await look_up(Site(info=EXISTS, show=show))
    assert found == Observation(LookedUp(standing, "now.called"), datetime(2026, 6, 10, 12, tzinfo=UTC))


@pytest.mark.parametrize("info", [told(HTML, 404), told({"message": "User not found", "status": "fail"}, 404)])
async def test_who_is_not_found_is_gone_and_not_asked_about_further(info: Answer) -> None:
    site = Site(info=info)
    assert (await look_up(site)).value == LookedUp(Standing.GONE)
    assert site.asked == [INFO]


@pytest.mark.parametrize("info", [told(HTML), told({"status": "ok"}), told({"message": "odd", "status": "fail"}, 400)])
async def test_an_answer_that_is_not_understood_says_nothing_of_the_person(info: Answer) -> None:
    assert (await look_up(Site(info=info))).value == LookedUp(Standing.UNKNOWN)


@pytest.mark.parametrize(
    ("info", "error"),
    [
        (told({"message": "login_required", "status": "fail"}, 403), SessionDead),
        (told({"message": "Please wait a few minutes before you try again.", "status": "fail"}, 429), RateLimited),
        (told({"message": "challenge_required", "status": "fail"}, 400), CheckpointRequired),
        (told("Oops", 500), SiteFailed),
    ],
)
async def test_a_refusal_of_the_session_is_no_answer_about_the_person(info: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        await look_up(Site(info=info))
