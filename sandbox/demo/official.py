"""Instagram's official API: the clicks on the consent pages, and what pages and a file must then show of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from sandbox.demo.person import DemoFailed, Person

Hold = Callable[[str, object, object], None]
"""(name, what Rollcall says, what is true): notes a difference."""
SOURCE = "instagram_login"
# A metric of a day by Rollcall's name, and its truth.
DAILY = {
    "reach": "reach",
    "views": "views",
    "likes": "likes",
    "comments": "comments",
    "saves": "saves",
    "shares": "shares",
    "follows": "followed",
    "unfollows": "unfollowed",
    "profile_views": "profile_views",
}
# The API's name of a metric that it may withhold, by Rollcall's name.
SOURCES = {"follows": "follows_and_unfollows", "unfollows": "follows_and_unfollows"}


def connect(person: Person) -> str:
    """Connects the account of the consent page, and returns its profile's id once the first sync is over."""
    profile = person.connect_by_consent("instagram", allow)
    person.quiet(profile)
    return profile


def connect_by_page(person: Person, account: str) -> str:
    """Connects an account through Facebook's login and its page, of several the one of that username.

    Returns its profile's id once the first sync is over.
    """
    profile = person.connect_by_consent("facebook", lambda window: allow_pages(window, account))
    person.quiet(profile)
    return profile


def join(person: Person, profile: str) -> None:
    """Connects the account of a profile that the browser reads already, as its second way in.

    Raises DemoFailed where that makes another profile.
    """
    joined = person.connect_by_consent("instagram", allow_and_join)
    if joined != profile:
        raise DemoFailed("the official API made a second profile of one account")
    person.quiet(profile)


def allow(window: Page) -> None:
    """Logs in, leaves every scope ticked, and allows."""
    window.locator("button[name=account]").first.click()
    window.locator("button[name=answer][value=allow]").click()


def allow_pages(window: Page, account: str) -> None:
    """Logs in at Facebook, leaves every page and scope ticked, allows, and chooses the account of that username."""
    window.locator("button[name=account]").first.click()
    window.get_by_role("button", name="Next").click()
    window.locator("button[name=answer][value=allow]").click()
    window.get_by_role("radio", name=f"@{account}").check()
    window.locator("form[action*='/account'] button[type=submit]").click()


def allow_and_join(window: Page) -> None:
    """Allows, and says that it is the account of the profile with the same name."""
    allow(window)
    window.locator("button[name=account]:not([value=no])").click()


def hold(
    person: Person, profile: str, truth: Mapping[str, Any], folder: Path, note: Hold, source: str = SOURCE
) -> dict[str, int]:
    """Holds the insights pages and their file against the truth, and returns how many days and rows were shown.

    `truth` has the account's days; `source` is the way in that read them.
    """
    given = {metric: field for metric, field in DAILY.items() if SOURCES.get(metric) not in truth["withheld"]}
    days = {metric: _hold_days(person.days(profile, metric), metric, truth, note) for metric in given}
    rows = _rows_of(person.export(profile, "insights", "csv", folder))
    official = [row for row in rows if row["source"] == source]
    there = _settled(truth)
    said = {(row["day"], row["metric"], float(row["value"])) for row in official if row["metric"] in DAILY}
    true = {(day, metric, float(figures[field])) for day, figures in there.items() for metric, field in given.items()}
    note("insights.csv by the official API", {one for one in said if one[0] in there}, true)
    return {"days": min(days.values()), "rows": len(official)}


def _hold_days(shown: Mapping[str, tuple[str, bool]], metric: str, truth: Mapping[str, Any], note: Hold) -> int:
    """Holds the settled days of a metric against the truth, and returns the number of all."""
    there = _settled(truth)
    said = {(day, float(shown[day][0])) for day in there if day in shown}
    note(f"insights {metric}", said, {(day, float(figures[DAILY[metric]])) for day, figures in there.items()})
    return len(shown)


def _settled(truth: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The days of the truth that change no more."""
    return {day: figures for day, figures in truth["days"].items() if day <= truth["settled_until"]}


def _rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
