"""Arranges audiences for the page: a block for each breakdown of a source; what is unknown is a bar of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from shared.domain.metrics import Break, Metric, Unit, metric_of
from shared.messages import about
from shared.platforms import label_of
from shared.store.files.past_insights import AccountFigure
from shared.store.insights.reading import ShareValue
from web.profile.insight_labels import metric_words
from web.profile.past_insights import OfAccount
from web.text.amounts import amount
from web.text.audience_parts import BREAKDOWNS, LIMITS, UNKNOWN, breakdown_words, is_unknown, part_words
from web.translation import _, translate

_WHOLE, _ROUNDING = Decimal(100), Decimal("0.5")
_ORDER = {name: place for place, name in enumerate(BREAKDOWNS)}
_BY_KEY = frozenset({"age_gender", "age", "gender", "online_hour"})
_PARTS_OF_100 = "followers_by_"


@dataclass(frozen=True, slots=True)
class Bar:
    """One part: its figures in words, and the length of its bar, 0 to 100, by the first of them."""

    label: str
    figures: Sequence[str]
    length: int
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One breakdown from one source. `limits` are sentences; `crosses` is a break within its days."""

    name: str
    title: str
    source: str
    first_day: date | None
    last_day: date | None
    read_at: datetime
    columns: Sequence[str]
    bars: Sequence[Bar]
    limits: Sequence[str]
    crosses: Break | None = None


def of_shares(platform: str, shares: Iterable[ShareValue]) -> list[Block]:
    """The blocks of official audiences, by source, in the order of the breakdowns."""
    ordered = sorted(shares, key=lambda one: (one.source, _ORDER.get(one.breakdown, len(_ORDER)), one.breakdown))
    grouped = groupby(ordered, key=lambda one: (one.source, one.breakdown))
    return [_block(platform, list(found)) for _key, found in grouped]


def of_download(account: OfAccount) -> list[Block]:
    """The blocks of the newest data download; its parts are per hundred."""
    return [_of_parts(account, metric, parts) for metric, parts in account.parts.items()]


def _block(platform: str, found: Sequence[ShareValue]) -> Block:
    first = found[0]
    metrics = list(dict.fromkeys(one.metric for one in found))
    declared = sorted(
        (metric for name in metrics if (metric := metric_of(platform, name)) is not None),
        key=lambda one: one.unit is not Unit.COUNT,
    )
    values = {(tuple(one.keys), one.metric): one.value for one in found}
    parts = list(dict.fromkeys(tuple(one.keys) for one in found))
    main = declared[0] if declared else None
    limits = [translate(main.sentence)] if main is not None else []
    limits += [translate(about(LIMITS[first.breakdown], label_of(platform)))] if first.breakdown in LIMITS else []
    crossed = (one.break_between(first.first_day, first.last_day) for one in declared)
    return Block(
        first.breakdown,
        breakdown_words(first.breakdown),
        first.source,
        first.first_day,
        first.last_day,
        max(one.captured_at for one in found),
        [translate(one.label) for one in declared],
        _bars(first.breakdown, parts, declared, lambda keys, metric: values.get((keys, metric))),
        limits,
        next((one for one in crossed if one is not None), None),
    )


def _bars(
    breakdown: str,
    parts: Sequence[tuple[str, ...]],
    metrics: Sequence[Metric],
    value: Callable[[tuple[str, ...], str], Decimal | None],
) -> list[Bar]:
    """The bars in the order of their ages where they have some, else the longest first; what is unknown comes last."""
    if not metrics:
        return []
    main = metrics[0]
    sizes = {keys: value(keys, main.id) or Decimal(0) for keys in parts}
    ordered = sorted(parts) if breakdown in _BY_KEY else sorted(parts, key=lambda keys: sizes[keys], reverse=True)
    ordered.sort(key=is_unknown)
    rest = _rest(sizes.values()) if main.unit is Unit.PERCENT else None
    longest = max([*sizes.values(), rest or Decimal(0)])
    bars = [
        Bar(
            part_words(breakdown, keys),
            [amount(value(keys, one.id), one.unit) for one in metrics],
            _length(sizes[keys], longest),
            is_unknown(keys),
        )
        for keys in ordered
    ]
    return bars if rest is None else [*bars, Bar(_(UNKNOWN), [amount(rest, main.unit)], _length(rest, longest), True)]


def _of_parts(account: OfAccount, metric: str, parts: Sequence[AccountFigure]) -> Block:
    rest = _rest(one.value for one in parts) if metric.startswith(_PARTS_OF_100) else None
    longest = max([*(one.value for one in parts), rest or Decimal(0)])
    bars = [Bar(one.breakdown or "", [amount(one.value, Unit.PERCENT)], _length(one.value, longest)) for one in parts]
    if rest is not None:
        bars.append(Bar(_("Unknown, or not named"), [amount(rest, Unit.PERCENT)], _length(rest, longest), True))
    first, last = account.span or (None, None)
    return Block(
        metric,
        metric_words(metric),
        "data_download",
        first.date() if first else None,
        last.date() if last else None,
        account.at,
        [_("Percent")],
        bars,
        [],
    )


def _rest(values: Iterable[Decimal]) -> Decimal | None:
    """The part of a hundred that no value names; None where only rounding is left."""
    left = _WHOLE - sum(values, Decimal(0))
    return left if left > _ROUNDING else None


def _length(value: Decimal, longest: Decimal) -> int:
    return round(100 * value / longest) if longest > 0 else 0
