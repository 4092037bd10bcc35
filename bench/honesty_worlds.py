"""Accounts in which nothing has an effect, and accounts in which one thing has, for `bench honesty`."""

from dataclasses import dataclass

import numpy as np

from shared.domain.statistics.arrays import Flags, Floats, Ints

SERIES = 4
QUARTER = 90
_SPREAD = 0.8
_DAY = 86_400
_HABITS = 12
_HABITUAL = 0.75
_TAGS = 20
_TAGS_A_POST = 5
_HISTORY = 56
EVENING = 6


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts of an account: moments, counts at the age of a day, formats, hours, weekdays, and the hashtags used."""

    posted: Floats
    counts: Floats
    formats: Ints
    hours: Ints
    weekdays: Ints
    used: Flags


def posts(rng: np.random.Generator, number: int, evenings: int | None = None, tagged: int | None = None) -> Posts:
    """Posts at habitual hours of an account that grows; those of some evenings, or with tag 0, do twice as well."""
    days = np.sort(rng.choice(number * 2, number, replace=False))
    hours = _hours(rng, number)
    used = _tags(rng, number)
    doubled = np.zeros(number, dtype=np.bool_)
    if evenings is not None:
        doubled = _chosen(rng, number, evenings)
        hours = np.where(doubled, EVENING * 3 + rng.integers(0, 3, number), hours % (EVENING * 3))
    if tagged is not None:
        used[:, 0] = doubled = _chosen(rng, number, tagged)
    formats = rng.integers(0, 3, number)
    growth = np.linspace(0, rng.normal(0.3, 0.3), number)
    levels = 5 + growth + 0.5 * formats + np.log(2) * doubled + rng.normal(0, _SPREAD, number)
    counts = rng.poisson(np.exp(levels)).astype(np.float64)
    return Posts(days * _DAY + hours * 3600.0, counts, formats, hours, days % 7, used)


def _hours(rng: np.random.Generator, number: int) -> Ints:
    habits = rng.choice(24, _HABITS, replace=False)[rng.integers(0, _HABITS, number)]
    hours: Ints = np.where(rng.random(number) < _HABITUAL, habits, rng.integers(0, 24, number))
    return hours


def _tags(rng: np.random.Generator, number: int) -> Flags:
    """Five of twenty tags a post, the first ones more often."""
    likes = np.log(1 / np.arange(1, _TAGS + 1)) + rng.gumbel(size=(number, _TAGS))
    used = np.zeros((number, _TAGS), dtype=np.bool_)
    np.put_along_axis(used, np.argsort(-likes, axis=1)[:, :_TAGS_A_POST], True, axis=1)
    return used


def _chosen(rng: np.random.Generator, number: int, some: int) -> Flags:
    chosen = np.zeros(number, dtype=np.bool_)
    chosen[rng.choice(number, some, replace=False)] = True
    return chosen


@dataclass(frozen=True, slots=True)
class Days:
    """The daily series of a profile, a row each, through a history and a quarter: lost, gained, reach and views."""

    values: Floats
    followers: int
    mean_lost: float


def days(rng: np.random.Generator) -> Days:
    """Series of one level each, with weekdays of their own and the spread of counts or of logs."""
    number = _HISTORY + QUARTER
    weekdays = np.exp(rng.normal(0, 0.15, (SERIES, 7)))[:, np.arange(number) % 7]
    lost, gained = np.exp(rng.uniform(np.log(0.5), np.log(40), 2))
    shape = rng.uniform(3, 10)
    counts = rng.poisson(rng.gamma(shape, np.array([[lost], [gained]]) * weekdays[:2] / shape))
    large = np.exp(rng.uniform(np.log(2_000), np.log(50_000), (2, 1)) + rng.normal(0, 0.3, (2, number))) * weekdays[2:]
    return Days(np.vstack([counts, np.round(large)]).astype(np.float64), int(lost * 300), float(lost))
