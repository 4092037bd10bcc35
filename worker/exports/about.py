"""The first sheet of a workbook: its contents, profile and time, and the meaning of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.domain.engagement import FORMULAS
from shared.domain.exports import PERIODIC, TITLES, WITHOUT_LISTS, What
from shared.domain.periods import Period
from shared.domain.social import Direction
from shared.platforms import label_of
from shared.store.files.exports import ListReading
from shared.store.profiles.profiles import ProfileRow
from worker.exports.columns import Column

Line = tuple[str, str | int | datetime]
_LISTS = {Direction.FOLLOWER: "List of followers", Direction.FOLLOWING: "List of followed"}


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts behind the file, at the time when it was begun."""

    what: What
    profile: ProfileRow
    period: Period
    readings: Sequence[ListReading]
    made_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        return self.period.zone


def lines(facts: Facts, rows: int, columns: Sequence[Column]) -> list[Line]:
    """Every line in order; moments are in the profile's time zone, unmarked, because the format has no zones."""
    return [
        ("What", TITLES[facts.what]),
        ("Profile", f"@{facts.profile.username} ({label_of(facts.profile.platform)})"),
        ("Profile id", facts.profile.external_id or "not known"),
        ("Rows", rows),
        ("Made at", _local(facts.made_at, facts)),
        ("Time of the data", _local(facts.profile.observed_at, facts)),
        ("Time zone", f"{facts.profile.timezone}: every date and time in this file, because XLSX knows no time zones"),
        ("Filter", _filter(facts)),
        *_lists(facts),
        ("Empty cells", "Not known. An empty cell never means zero."),
        ("Words of others", "Names and captions are kept as text, whatever they look like; no cell is a formula."),
        *_formulas(columns),
        *((f"Column {column.name}", column.means) for column in columns),
    ]


def _filter(facts: Facts) -> str:
    if facts.what not in PERIODIC:
        return "None: the list as it is at the time of the data"
    first, last = facts.period.first_day, facts.period.last_day
    if first is None or last is None:
        return "None: all time"
    ends = ", the day of the newest sync" if facts.period.end == facts.profile.observed_at else ""
    return f"{facts.period.days} days: {first.isoformat()} to {last.isoformat()}{ends}"


def _lists(facts: Facts) -> list[Line]:
    if facts.what in WITHOUT_LISTS:
        return []
    read = {reading.direction: reading for reading in facts.readings}
    return [(name, _reading(read.get(direction), facts)) for direction, name in _LISTS.items()]


def _reading(reading: ListReading | None, facts: Facts) -> str:
    if reading is None:
        return "Never synced"
    whole = "never" if reading.whole_at is None else _words(reading.whole_at, facts)
    if reading.verdict == "whole":
        said = f"Complete at {whole}"
    else:
        said = f"Not complete at the last sync; last complete: {whole}"
    return f"{said}. {reading.reason}" if reading.reason else said


def _formulas(columns: Sequence[Column]) -> list[Line]:
    if not any(column.name.startswith("engagement") for column in columns):
        return []
    return [(f"Formula {formula}", words) for formula, words in FORMULAS.items()]


def _local(moment: datetime | None, facts: Facts) -> datetime | str:
    if moment is None:
        return "Not synced yet"
    return moment.astimezone(facts.zone).replace(tzinfo=None, microsecond=0)


def _words(moment: datetime, facts: Facts) -> str:
    return moment.astimezone(facts.zone).isoformat(sep=" ", timespec="minutes")
