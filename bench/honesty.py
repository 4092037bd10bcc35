"""Rates at which the statistics find what is not there, and what is; by the pure functions, on made-up accounts.

There is no peer to compare with: each rate stands with its bounds of 95 % and its mark.
`false_alarms` is a mean for a person and quarter.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench import honesty_worlds as worlds
from shared.domain.statistics.arrays import Flags, Floats
from shared.domain.statistics.intervals import share_interval
from shared.domain.statistics.residuals import residuals
from shared.domain.statistics.slots import compare_slots
from shared.domain.statistics.surprises import Baseline, baseline, episode_starts, is_large_loss, threshold
from shared.domain.statistics.tags import compare_tags

FALSE_WINNERS = 0.05
COLOURED_LISTS = 0.10
FALSE_ALARMS = 1.0
FOUND = 0.80
_SIZES = (30, 60, 120, 240)
_PLANTED_POSTS = 200
_EVENINGS = 30
_TAGGED = 40
_LOSS = 10
_LOST = 0
_Z = 1.96


def main(argv: Sequence[str]) -> None:
    """Prints one JSON line; exits with 1 where a rate misses its mark."""
    parser = argparse.ArgumentParser(prog="python -m bench honesty")
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(argv)
    report = honesty(options.accounts, options.seed)
    sys.stdout.write(json.dumps(report) + "\n")
    sys.exit(0 if all(rate["met"] for rate in report["rates"].values()) else 1)


def honesty(accounts: int, seed: int) -> dict[str, Any]:
    """Every rate over so many accounts of each world."""
    shares = {
        "false_winners": (false_winner, FALSE_WINNERS, False),
        "coloured_lists": (coloured_list, COLOURED_LISTS, False),
        "evening_found": (evening_found, FOUND, True),
        "tag_found": (tag_found, FOUND, True),
        "loss_found": (loss_found, FOUND, True),
    }
    rates = {name: _share(play, accounts, seed, mark, least) for name, (play, mark, least) in shares.items()}
    rates["false_alarms"] = _alarm_rate(accounts, seed)
    return {"bench": "honesty", "accounts": accounts, "seed": seed, "rates": rates}


def _share(
    play: Callable[[np.random.Generator, int], bool], accounts: int, seed: int, mark: float, least: bool
) -> dict[str, Any]:
    """The share of accounts in which it happened; a mark is a least for the share or a most for its upper bound."""
    found = sum(play(np.random.default_rng([seed, number]), number) for number in range(accounts))
    low, high = share_interval(found, accounts) or (0.0, 1.0)
    met = found / accounts >= mark if least else high <= mark
    return {"rate": found / accounts, "low": round(low, 4), "high": round(high, 4), "mark": mark, "met": met}


def _residuals(posts: worlds.Posts) -> Floats:
    return residuals(posts.posted, posts.counts, posts.formats)


def false_winner(rng: np.random.Generator, number: int) -> bool:
    """Whether an hour wins where none has an effect."""
    posts = worlds.posts(rng, _SIZES[number % len(_SIZES)])
    made = compare_slots(_residuals(posts), posts.hours, posts.weekdays)
    return made is not None and made.winner is not None


def coloured_list(rng: np.random.Generator, number: int) -> bool:
    """Whether any hashtag is marked where none has an effect."""
    posts = worlds.posts(rng, _SIZES[number % len(_SIZES)])
    return any(lift.marked for lift in compare_tags(_residuals(posts), posts.used))


def evening_found(rng: np.random.Generator, _number: int) -> bool:
    """Whether the evening of twice the usual wins."""
    posts = worlds.posts(rng, _PLANTED_POSTS, evenings=_EVENINGS)
    made = compare_slots(_residuals(posts), posts.hours, posts.weekdays)
    return made is not None and made.winner is not None and made.winner.slot.block == worlds.EVENING


def tag_found(rng: np.random.Generator, _number: int) -> bool:
    """Whether the hashtag of twice the usual is marked as better."""
    posts = worlds.posts(rng, _PLANTED_POSTS, tagged=_TAGGED)
    lifts = compare_tags(_residuals(posts), posts.used)
    return any(lift.marked and 0 in lift.tags and lift.effect.difference > 0 for lift in lifts)


def loss_found(rng: np.random.Generator, _number: int) -> bool:
    """Whether a day alarms on which ten times the mean left, and enough to speak of."""
    days = worlds.days(rng)
    history = days.values[_LOST, : -worlds.QUARTER]
    lost = np.ceil(max(_LOSS * days.mean_lost, 5, 0.005 * days.followers))
    return _alarms(baseline(history), lost, days.followers)


def _alarms(usual: Baseline | None, value: float, followers: int | None) -> bool:
    """Whether a value alarms; a loss, which has followers, must be large besides."""
    if usual is None or (followers is not None and not is_large_loss(value, followers)):
        return False
    return usual.probability(value) <= threshold(worlds.SERIES)


def _alarm_rate(accounts: int, seed: int) -> dict[str, Any]:
    """The mean of false alarms a person and quarter, with its bounds by the spread between people."""
    numbers = np.array([false_alarms(np.random.default_rng([seed, number])) for number in range(accounts)])
    reach = _Z * float(numbers.std()) / accounts**0.5
    rate = float(numbers.mean())
    return {"rate": round(rate, 4), "low": round(rate - reach, 4), "high": round(rate + reach, 4)} | {
        "mark": FALSE_ALARMS,
        "met": rate + reach <= FALSE_ALARMS,
    }


def false_alarms(rng: np.random.Generator) -> int:
    """The episodes of a quarter in which nothing happened, over all series of a person."""
    days = worlds.days(rng)
    return sum(
        int(episode_starts(_quarter(series, days.followers if row == _LOST else None)).sum())
        for row, series in enumerate(days.values)
    )


def _quarter(series: Floats, followers: int | None) -> Flags:
    """The alarms of the series' last quarter, each day judged by the days before it."""
    alarms = np.zeros(len(series), dtype=np.bool_)
    for day in range(len(series) - worlds.QUARTER, len(series)):
        alarms[day] = _alarms(baseline(series[:day], alarms[:day]), float(series[day]), followers)
    return alarms
