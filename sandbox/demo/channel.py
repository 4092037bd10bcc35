"""A YouTube channel: the clicks on the consent pages, and what pages and files must then show of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from sandbox.demo.person import Person

Hold = Callable[[str, object, object], None]
"""(name, what Rollcall says, what is true): notes a difference."""
_DAILY = {
    "views": "views",
    "engaged_views": "engagedViews",
    "watch_minutes": "estimatedMinutesWatched",
    "average_view_seconds": "averageViewDuration",
    "average_view_percent": "averageViewPercentage",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "subscribers_gained": "subscribersGained",
    "subscribers_lost": "subscribersLost",
}
_COUNTERS = {"media-plays": "views", "media-likes": "likes", "media-comments": "comments"}


def connect(person: Person) -> str:
    """Connects the first channel on the consent page, and returns its profile's id once the first sync is over."""
    profile = person.connect_by_consent("google", allow)
    person.quiet(profile)
    return profile


def allow(window: Page) -> None:
    """Chooses the first account and channel, ticks every scope, and continues."""
    for choice in ("account", "channel"):
        if window.locator(f"button[name={choice}], button[name=answer]").first.get_attribute("name") == choice:
            window.locator(f"button[name={choice}]").first.click()
    window.locator("button[name=answer][value=allow]").wait_for()
    for box in window.locator("input[name=scope]").all():
        box.check()
    window.locator("button[name=answer][value=allow]").click()


def hold(person: Person, profile: str, truth: Mapping[str, Any], folder: Path, note: Hold) -> dict[str, int]:
    """Holds overview, content, insights and two CSV files against the truth, and returns how many things each showed.

    `truth` has every day of the channel.
    """
    subscribers = person.figure(profile, "followers")
    note("overview subscribers", subscribers, "" if truth["hides_subscribers"] else str(truth["subscribers_shown"]))
    videos = {address_of(video["id"]): video for video in truth["videos"]}
    shown = person.media(profile)
    note("content page", set(shown), set(videos))
    for sign, field in _COUNTERS.items():
        said = {(address, figures[sign]) for address, figures in shown.items()}
        note(f"content page {field}", said, {(address, _cell(video[field])) for address, video in videos.items()})
    rows = _rows_of(person.export(profile, "media", "csv", folder))
    note("channel's media.csv", set(map(_of_file, rows)), set(map(_of_truth, truth["videos"])))
    days = {metric: _hold_days(person.days(profile, metric), field, truth, note) for metric, field in _DAILY.items()}
    figures = _rows_of(person.export(profile, "insights", "csv", folder))
    note("insights.csv", _settled(figures, truth), _settled_truth(truth))
    counted = {"subscribers": int(subscribers or 0), "videos": len(shown), "csv": len(rows)}
    return {**counted, "days": min(days.values())}


def _hold_days(shown: Mapping[str, tuple[str, bool]], field: str, truth: Mapping[str, Any], note: Hold) -> int:
    """Holds the days of a metric against the truth, and returns their number; younger days are not settled yet."""
    there = {day: figures[field] for day, figures in truth["days"].items() if day <= truth["daily_until"]}
    note(f"insights days of {field}", set(shown), set(there))
    settled = truth["settled_until"]
    said = {(day, float(value)) for day, (value, _) in shown.items() if day <= settled}
    note(f"insights {field}", said, {(day, float(value)) for day, value in there.items() if day <= settled})
    marked = {day for day, (_, provisional) in shown.items() if provisional}
    note(f"insights {field} that may still change", marked, {day for day in there if day > settled})
    return len(shown)


def _settled(rows: list[dict[str, str]], truth: Mapping[str, Any]) -> set[tuple[str, str, float]]:
    settled = [row for row in rows if row["day"] <= truth["settled_until"]]
    return {(row["day"], row["metric"], float(row["value"])) for row in settled if row["provisional"] == "false"}


def _settled_truth(truth: Mapping[str, Any]) -> set[tuple[str, str, float]]:
    settled = {day: figures for day, figures in truth["days"].items() if day <= truth["settled_until"]}
    return {(day, metric, float(figures[_DAILY[metric]])) for day, figures in settled.items() for metric in _DAILY}


def address_of(video: str) -> str:
    """The address of a video."""
    return f"https://www.youtube.com/watch?v={video}"


def _of_file(row: Mapping[str, str]) -> tuple[str | float, ...]:
    # An id may begin with a dash, before which a file has an apostrophe (docs/exports.md).
    counts = (row[name] for name in ("plays", "likes", "comments"))
    return (row["id"].removeprefix("'"), *counts, float(row["duration_seconds"]))


def _of_truth(video: Mapping[str, Any]) -> tuple[str | float, ...]:
    counts = (_cell(video[name]) for name in ("views", "likes", "comments"))
    return (video["id"], *counts, float(video["seconds"]))


def _cell(value: int | None) -> str:
    return "" if value is None else str(value)


def _rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
