"""A TikTok account: the clicks on the consent pages, and what pages and a file must then show of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from sandbox.demo.person import Person

Hold = Callable[[str, object, object], None]
"""(name, what Rollcall says, what is true): notes a difference."""
_COUNTERS = {"media-plays": "views", "media-likes": "likes", "media-comments": "comments"}
_COLUMNS = {"plays": "views", "likes": "likes", "comments": "comments", "shares": "shares"}


def connect(person: Person) -> str:
    """Connects the first account of the consent page, and returns its profile's id once the first sync is over."""
    profile = person.connect_by_consent("tiktok", allow)
    person.quiet(profile)
    return profile


def allow(window: Page) -> None:
    """Logs in, leaves every scope ticked, and allows."""
    window.locator("button[name=account]").first.click()
    window.locator("button[name=answer][value=allow]").click()


def hold(person: Person, profile: str, truth: Mapping[str, Any], folder: Path, note: Hold) -> dict[str, int]:
    """Holds overview, content and a CSV file against the truth, and returns how many things each showed."""
    followers = person.figure(profile, "followers")
    note("overview followers of TikTok", followers, str(truth["followers"]))
    clips = {address_of(truth["username"], clip["id"]): clip for clip in truth["clips"]}
    shown = person.media(profile)
    note("content page of TikTok", set(shown), set(clips))
    for sign, field in _COUNTERS.items():
        said = {(address, figures[sign]) for address, figures in shown.items()}
        true = {(address, str(clip[field])) for address, clip in clips.items()}
        note(f"content page of TikTok, {field}", said, true)
    rows = _rows_of(person.export(profile, "media", "csv", folder))
    note(
        "TikTok's media.csv",
        {(row["id"], *(row[name] for name in _COLUMNS)) for row in rows},
        {(clip["id"], *(str(clip[name]) for name in _COLUMNS.values())) for clip in truth["clips"]},
    )
    return {"followers": int(followers or 0), "videos": len(shown), "csv": len(rows)}


def address_of(username: str, clip: str) -> str:
    """The address of a video."""
    return f"https://www.tiktok.com/@{username}/video/{clip}"


def _rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
