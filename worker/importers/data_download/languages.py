"""CLDR's words for dates: the names of months and of the halves of a day, language by language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import TypeVar

from babel import Locale, localedata

# The languages of Instagram and its sister services, each with all of its variants.
LANGUAGES = frozenset(
    """af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja jv ka kk
    km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nn no or pa pl ps pt ro ru si sk sl so sq sr sv sw ta te tg th tr uk
    ur uz vi zh zu""".split()  # noqa: SIM905
)
Words = tuple[str, ...]
T = TypeVar("T")
_LONGEST_NAME = 5


@dataclass(frozen=True, slots=True)
class Language:
    """`months` from 1 to 12 by name, `halves` (`am`, `pm`, "" for another part of a day); `twelve`: 12-hour clocks."""

    months: Mapping[Words, int]
    halves: Mapping[Words, str]
    twelve: bool


def plain(text: str) -> str:
    """The text in small letters, with digits of any script as 0 to 9."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in folded)


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    """The words of a plain text in order; marks belong to their letter, dots and apostrophes to none."""
    return tuple("".join(signs) for is_word, signs in groupby(text, _in_word) if is_word)


def _in_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM"


@cache
def languages() -> Mapping[str, Language]:
    """All of them by CLDR's identifier, read once."""
    names = (name for name in localedata.locale_identifiers() if name.split("_")[0] in LANGUAGES)
    return {name: _language(Locale.parse(name)) for name in sorted(names)}


@cache
def _speakers() -> Mapping[str, frozenset[str]]:
    """The languages with a month whose name begins with this word."""
    found: dict[str, set[str]] = {}
    for name, language in languages().items():
        for words in language.months:
            found.setdefault(words[0], set()).add(name)
    return {word: frozenset(names) for word, names in found.items()}


@cache
def halves() -> Mapping[Words, frozenset[str]]:
    """The meanings of these words for the half of the day in any language; several where languages differ."""
    found: dict[Words, set[str]] = {}
    for language in languages().values():
        for words, half in language.halves.items():
            found.setdefault(words, set()).add(half)
    return {words: frozenset(meant) for words, meant in found.items()}


def fitting(patterns: Iterable[Words]) -> tuple[Language, ...]:
    """The languages in which each of these texts names exactly one month; none where no language fits them all."""
    left: set[str] | None = None
    for pattern in patterns:
        known = frozenset[str]().union(*(_speakers().get(word, frozenset()) for word in pattern))
        left = {
            name
            for name in (known if left is None else known & left)
            if len(set(meanings(pattern, languages()[name].months))) == 1
        }
        if not left:
            return ()
    return tuple(languages()[name] for name in sorted(left or ()))


def meanings(words: Words, names: Mapping[Words, T]) -> Iterator[T]:
    """The meanings of the words in order, a longer name before a shorter one."""
    return (found for _, found in _pieces(words, names) if found is not None)


def unknown(words: Words, language: Language) -> bool:
    """Whether a word names no month, so that it may be the half of the day."""
    return any(found is None for _, found in _pieces(words, language.months))


def _pieces(words: Words, names: Mapping[Words, T]) -> Iterator[tuple[Words, T | None]]:
    at = 0
    while at < len(words):
        length = next((size for size in range(_LONGEST_NAME, 0, -1) if words[at : at + size] in names), 0)
        piece = words[at : at + max(1, length)]
        yield piece, names[piece] if length else None
        at += len(piece)


def _language(locale: Locale) -> Language:
    months: dict[Words, int] = {}
    torn: set[Words] = set()
    for month, name in _month_names(locale):
        words = words_of(plain(name))
        # A name with a digit in it ("thg 11", "11月") is a number, not a word.
        if not words or any(sign.isdecimal() for sign in name):
            continue
        if months.setdefault(words, month) != month:
            torn.add(words)
    pattern = str(locale.time_formats["short"].pattern)
    return Language(
        {words: month for words, month in months.items() if words not in torn},
        dict(_halves(locale)),
        "h" in pattern or "K" in pattern,
    )


def _month_names(locale: Locale) -> Iterator[tuple[int, str]]:
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            yield from ((month, str(name)) for month, name in locale.months[context][width].items())


def _halves(locale: Locale) -> Iterator[tuple[Words, str]]:
    """The names of the halves of a day; am and pm come last, so that they win over another part with the same name."""
    for certain in (False, True):
        for widths in locale.day_periods.values():
            for names in widths.values():
                for kind, name in names.items():
                    words = words_of(plain(str(name)))
                    if words and (kind in ("am", "pm")) == certain:
                        yield words, kind if certain else ""
