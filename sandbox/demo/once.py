"""Runs the whole demo unattended through the real pages, and compares the result with the truth."""

import csv
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from sandbox.demo import channel, clips, official
from sandbox.demo.bad_day import live_through
from sandbox.demo.person import Person
from sandbox.demo.truth import ChannelWorld, ClipWorld, OfficialWorld, World

DAYS = 7


@dataclass
class Outcome:
    """The contents of pages and files; `differences` names each deviation from the truth.

    `channel` holds what was shown of a YouTube channel, `clips` of a TikTok account, `official` what Instagram's
    official API added, `bad_day` the page's words for a list cut short, a challenge and a dead session.
    """

    followers: int = 0
    following: int = 0
    gained: int = 0
    lost: int = 0
    renamed: int = 0
    media: int = 0
    csv: int = 0
    xlsx: int = 0
    seconds: float = 0.0
    channel: dict[str, int] = field(default_factory=dict)
    clips: dict[str, int] = field(default_factory=dict)
    official: dict[str, int] = field(default_factory=dict)
    bad_day: dict[str, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def hold(self, name: str, said: object, true: object) -> None:
        """Notes a difference, with a helpful part of both values."""
        if said == true:
            return
        if isinstance(said, set) and isinstance(true, set):
            missing, extra = sorted(map(str, true - said)), sorted(map(str, said - true))
            self.differences.append(f"{name}: {len(missing)} missing {missing[:3]}, {len(extra)} too many {extra[:3]}")
        else:
            self.differences.append(f"{name}: said {said!r}, true {true!r}")

    def as_json(self) -> dict[str, Any]:
        """The fields of the JSON line."""
        report = asdict(self)
        differences = report.pop("differences")
        return {**report, "matches_truth": not differences, **({"differences": differences} if differences else {})}


@dataclass(frozen=True, slots=True)
class Worlds:
    """The control sides of the stand-ins."""

    instagram: World
    youtube: ChannelWorld
    api: OfficialWorld
    tiktok: ClipWorld


def whole_job(
    person: Person,
    worlds: Worlds,
    login: dict[str, Any],
    folder: Path,
    mailed: Callable[[str], str] | None = None,
) -> Outcome:
    """Sign up, connect, first sync, seven days, second sync, exports, YouTube, TikTok, a bad day, the official API.

    All of it is held against the truth.

    `mailed` finds the link in the mail to an address, where signing up sends one.
    """
    started, outcome, world = time.monotonic(), Outcome(), worlds.instagram
    person.sign_up(f"demo-{secrets.token_hex(4)}@example.org", secrets.token_urlsafe(16), mailed)
    answer = None if login["two_factor"] == "none" else world.code
    profile = person.connect(login["username"], login["password"], answer)
    person.sync(profile)
    since = world.now()
    world.advance(days=DAYS)
    person.sync(profile)
    truth = world.truth(since)
    _hold_pages(person, profile, truth, outcome)
    _hold_files(person, profile, truth, folder, outcome)
    _hold_channel(person, worlds.youtube, folder, outcome)
    _hold_clips(person, worlds.tiktok, folder, outcome)
    _bad_day(person, world, profile, login, folder, outcome)
    _hold_official(person, profile, worlds.api, folder, outcome)
    outcome.seconds = round(time.monotonic() - started, 1)
    return outcome


def _hold_pages(person: Person, profile: str, truth: dict[str, Any], outcome: Outcome) -> None:
    facts = person.get(f"/api/v1/profiles/{profile}?period=all")
    outcome.followers, outcome.following = facts["followers"], facts["following"]
    outcome.hold("followers counter", outcome.followers, len(truth["followers"]))
    outcome.hold("following counter", outcome.following, len(truth["following"]))
    followers, following = _names(truth["followers"]), _names(truth["following"])
    expected = {
        "new": _names(truth["gained"]),
        "lost": _names(truth["lost"]),
        "renamed": {change["to"] for change in truth["renamed"]},
        "mutual": followers & following,
        "not-following-back": following - followers,
    }
    seen = {kind: person.rows(profile, kind) for kind in expected}
    for kind, names in expected.items():
        outcome.hold(f"page {kind}", seen[kind], names)
    outcome.gained, outcome.lost, outcome.renamed = (len(seen[kind]) for kind in ("new", "lost", "renamed"))


def _hold_files(person: Person, profile: str, truth: dict[str, Any], folder: Path, outcome: Outcome) -> None:
    people = _rows_of_csv(person.export(profile, "followers", "csv", folder))
    outcome.csv = len(people)
    outcome.hold("followers.csv", {row["id"] for row in people}, {str(p["pk"]) for p in truth["followers"]})
    sheet = _rows_of_xlsx(person.export(profile, "followers", "xlsx", folder))
    outcome.xlsx = len(sheet)
    outcome.hold("followers.xlsx", {str(row["id"]) for row in sheet}, {str(p["pk"]) for p in truth["followers"]})
    media = _rows_of_csv(person.export(profile, "media", "csv", folder))
    outcome.media = len(media)
    said = {(r["id"], r["likes"], r["comments"], r["plays"]) for r in media}
    true = {
        (m["pk"], _cell(m["like_count"]), _cell(m["comment_count"]), _cell(m["play_count"])) for m in truth["media"]
    }
    outcome.hold("media.csv", said, true)


def _hold_channel(person: Person, youtube: ChannelWorld, folder: Path, outcome: Outcome) -> None:
    """Connects a channel on Google's consent page, and waits for the sync that begins by itself."""
    profile = channel.connect(person)
    outcome.channel = channel.hold(person, profile, youtube.truth(date.min), folder, outcome.hold)


def _hold_clips(person: Person, tiktok: ClipWorld, folder: Path, outcome: Outcome) -> None:
    """Connects an account on TikTok's consent page, and waits for the sync that begins by itself."""
    profile = clips.connect(person)
    outcome.clips = clips.hold(person, profile, tiktok.truth(), folder, outcome.hold)


def _hold_official(person: Person, profile: str, api: OfficialWorld, folder: Path, outcome: Outcome) -> None:
    """Connects the same account by its official API; posts and people stay those of one profile."""
    before = {kind: person.rows(profile, kind) for kind in ("new", "lost")}
    posts = set(person.media(profile))
    official.join(person, profile)
    outcome.official = official.hold(person, profile, api.truth(), folder, outcome.hold)
    outcome.hold("posts by both ways in", set(person.media(profile)), posts)
    for kind, names in before.items():
        outcome.hold(f"page {kind} by both ways in", person.rows(profile, kind), names)


def _bad_day(person: Person, world: World, profile: str, login: dict[str, Any], folder: Path, outcome: Outcome) -> None:
    """Runs the bad day; no one comes or leaves during it, so the product may report no one."""
    lost = person.rows(profile, "lost")
    answer = None if login["two_factor"] == "none" else world.code
    outcome.bad_day = live_through(
        person, world, profile, lambda: person.connect(login["username"], login["password"], answer)
    )
    outcome.hold("lost after a bad day", person.rows(profile, "lost"), lost)
    people = _rows_of_csv(person.export(profile, "followers", "csv", folder))
    true = {str(p["pk"]) for p in world.truth(world.now())["followers"]}
    outcome.hold("followers after a bad day", {row["id"] for row in people}, true)


def _names(people: list[dict[str, Any]]) -> set[str]:
    return {person["username"] for person in people}


def _cell(value: int | None) -> str:
    return "" if value is None else str(value)


def _rows_of_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _rows_of_xlsx(path: Path) -> list[dict[str, object]]:
    """The rows of every sheet but the first, which says what the file is."""
    book = load_workbook(path, read_only=True)
    try:
        found: list[dict[str, object]] = []
        for sheet in book.worksheets[1:]:
            rows = sheet.iter_rows(values_only=True)
            header = [str(cell) for cell in next(rows)]
            found += [dict(zip(header, row, strict=False)) for row in rows]
    finally:
        book.close()
    return found
