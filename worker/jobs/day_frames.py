"""Turns stored rows into days, with pandas. Import it where it is used: an idle worker would be half again as large."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd

from shared.db.pools import Row
from shared.store.profiles.days import DayFigures, Inputs

_COUNTERS = ["followers", "following", "media"]
_CHANGES = ["gained", "returned", "lost", "renamed"]
_SUMS = ["likes", "comments", "plays", "er_numerator", "er_denominator"]


def day_figures(inputs: Inputs, zone: ZoneInfo) -> list[DayFigures]:
    """The days that the inputs touch, in order, in `zone`, through all changes of its clocks."""
    runs = _frame(inputs.runs, ["direction", "verdict", "reported", "compared"], zone)
    parts = [
        _counters(_frame(inputs.counts, _COUNTERS, zone), runs),
        _changes(_frame(inputs.changes, _CHANGES, zone), runs),
        _posts(_frame(inputs.media, [*_SUMS, "er_formula"], zone)),
        _runs(runs),
    ]
    days = pd.concat(parts, axis="columns").sort_index()
    whole = ["posts", "er_posts", "whole_runs", "partial_runs"]
    days[whole] = days[whole].fillna(0)
    return [_figures(day, row) for day, row in zip(days.index, days.to_dict("records"), strict=True)]


def _frame(rows: list[Row], columns: list[str], zone: ZoneInfo) -> pd.DataFrame:
    """The rows in order of time, indexed by their day."""
    frame = pd.DataFrame(rows, columns=["at", *columns], dtype=object)
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    frame = frame.sort_values("at", kind="stable")
    frame.index = pd.Index(frame["at"].dt.tz_convert(zone).dt.date, name="day", dtype=object)
    return frame


def _counters(counts: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The last known value of each counter on each day, from the profile's readings and the lists' own counts."""
    reported = {
        "followers": runs.loc[runs["direction"] == "follower"],
        "following": runs.loc[runs["direction"] == "following"],
    }
    last = {}
    for name in _COUNTERS:
        readings = [counts[["at", name]].rename(columns={name: "value"})]
        if name in reported:
            readings.append(reported[name][["at", "reported"]].rename(columns={"reported": "value"}))
        known = pd.concat(readings).dropna(subset="value").sort_values("at", kind="stable")
        last[name] = known["value"].astype("Int64").groupby(level=0).last()
    return pd.DataFrame(last)


def _changes(changes: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Sums for the days on which a whole list could be compared with an earlier whole one; other days are not known."""
    whole = (runs["direction"] == "follower") & (runs["verdict"] == "whole") & runs["compared"].astype(bool)
    sums = changes[_CHANGES].astype("Int64").groupby(level=0).sum()
    return sums.reindex(pd.Index(runs.index[whole].unique(), name="day", dtype=object)).fillna(0)


def _posts(media: pd.DataFrame) -> pd.DataFrame:
    """The number of posts, and the sums of their figures; a sum of nothing known is not known."""
    grouped = media[_SUMS].astype("Int64").groupby(level=0)
    posts = grouped.sum(min_count=1)
    posts["posts"] = media.groupby(level=0).size().astype("Int64")
    posts["er_posts"] = media["er_formula"].notna().groupby(level=0).sum().astype("Int64")
    posts["er_formulas"] = media["er_formula"].groupby(level=0).agg(lambda used: sorted(set(used.dropna())))
    return posts


def _runs(runs: pd.DataFrame) -> pd.DataFrame:
    """The numbers of follower lists that were read whole, and of the others."""
    whole = (runs["verdict"] == "whole").loc[runs["direction"] == "follower"].groupby(level=0)
    counted = pd.DataFrame({"whole_runs": whole.sum(), "all": whole.size()}).astype("Int64")
    return pd.DataFrame({"whole_runs": counted["whole_runs"], "partial_runs": counted["all"] - counted["whole_runs"]})


def _figures(day: date, row: dict[Hashable, object]) -> DayFigures:
    def known(name: str) -> int | None:
        value = row[name]
        return int(value) if isinstance(value, int) or hasattr(value, "__index__") else None

    formulas = row["er_formulas"]
    return DayFigures(
        day=day,
        **{name: known(name) for name in (*_COUNTERS, *_CHANGES, *_SUMS)},
        posts=known("posts") or 0,
        er_posts=known("er_posts") or 0,
        er_formulas=formulas if isinstance(formulas, list) else [],
        whole_runs=known("whole_runs") or 0,
        partial_runs=known("partial_runs") or 0,
    )
