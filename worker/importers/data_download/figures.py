"""Parses numbers as people write them, in any script: with groups, decimals and the short forms of CLDR."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from babel import Locale, localedata

from worker.importers.data_download.languages import LANGUAGES, plain

_SIGNED = re.compile(r"([+\-−]?)\s*(\d[\d.,'’٬٫\s]*)(.*)", re.S)
# Groups of three between equal separators, or as in India: three, then twos.
_GROUPED = re.compile(r"(\d{1,3}(?:([.,'’ ])\d{3})(?:\2\d{3})*|\d{1,2}(?:,\d{2})+,\d{3})(?:[.,](\d{1,2}))?")
_DECIMAL = re.compile(r"(\d+)(?:[.,](\d{1,2}))?")
_LONG_SHARE = re.compile(r"(\d+)[.,](\d{4,})")
# English writes these without a space, and its decimals with a dot; they mean other numbers elsewhere.
_ENGLISH = re.compile(r"\d+(?:\.\d{1,2})?[kmb]")
_ENGLISH_UNITS = {"k": 10**3, "m": 10**6, "b": 10**9}
# A thousand in one language, minutes in all others.
_NO_UNIT = frozenset({"min"})


def number(text: str) -> Decimal | None:
    """The number at the beginning of a text: "1,200", "1.200", "12.5K", "1,2 mil", "-1.6% vs Nov 8 - Feb 5".

    None for "--", for words, and for texts that could mean two numbers: languages may differ about a unit.
    """
    shown = plain(text.strip()).replace("٬", ",").replace("٫", ".")
    found = _SIGNED.fullmatch(shown)
    if found is None:
        return None
    sign, rest = found[1], found[3].strip()
    digits = re.sub(r"\s+", " ", found[2]).rstrip(" .,'’")
    unit = _unit(digits, rest, spaced=found[2] != found[2].rstrip())
    value = None if unit is None else _value(digits, unit, share=rest[:1] in ("%", "٪"))
    return -value if value is not None and sign in ("-", "−") else value


def _unit(digits: str, rest: str, *, spaced: bool) -> int | None:
    """The factor of the unit; None where it is not known."""
    if rest == "" or rest[0] in "%٪":
        return 1
    if not spaced and _ENGLISH.fullmatch(digits + rest):
        return _ENGLISH_UNITS[rest]
    written = rest.replace(" ", "")
    # "mil." is a million in one language, "mil" a thousand in others, and a sentence may end after either.
    meant = units().get(written, frozenset()) | units().get(written.rstrip("."), frozenset())
    return next(iter(meant)) if len(meant) == 1 else None


def _value(digits: str, unit: int, *, share: bool) -> Decimal | None:
    grouped, decimal = (
        _GROUPED.fullmatch(digits),
        _DECIMAL.fullmatch(digits) or (share and _LONG_SHARE.fullmatch(digits)),
    )
    if decimal:
        return Decimal(f"{decimal[1]}.{decimal[2] or 0}") * unit
    # "1.234 mil" and "1,234 %" may be a group or decimals.
    if not grouped or (grouped[3] is None and (unit != 1 or share) and grouped[2] in (".", ",")):
        return None
    return Decimal(f"{re.sub(r'[^0-9]', '', grouped[1])}.{grouped[3] or 0}") * unit


@cache
def units() -> Mapping[str, frozenset[int]]:
    """The factors of the short and long forms, such as "mil" or "万"; several where languages differ."""
    found: dict[str, set[int]] = {}
    for name in localedata.locale_identifiers():
        if name.split("_")[0] in LANGUAGES:
            for written, size in _compact(Locale.parse(name)):
                found.setdefault(written, set()).add(size)
    return {written: frozenset(sizes) for written, sizes in found.items() if written not in _NO_UNIT}


def _compact(locale: Locale) -> Iterator[tuple[str, int]]:
    for plurals in locale.compact_decimal_formats.values():
        for sizes in plurals.values():
            for size, pattern in sizes.items():
                shown = str(getattr(pattern, "pattern", pattern)).split(";")[0]
                zeros = shown.count("0")
                written = re.sub(r"[\s0']+", "", plain(shown))
                if written and zeros:
                    yield written, int(size) // 10 ** (zeros - 1)
