"""Reduces a style sheet to the rules whose classes appear in a site's templates and scripts.

Bootstrap's sheet has 230 kB, of which the pages use a tenth. A rule stays when every class in one of its selectors is a
word of the sources; other rules (`@media`, `@supports`) are searched the same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

import tinycss2

_WORD = re.compile(r"[A-Za-z][\w-]*")
_CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
_NESTED = frozenset({"media", "supports", "layer", "container"})


def words(sources: Iterable[str]) -> set[str]:
    """Returns every word of the sources that could name a class."""
    return {word for text in sources for word in _WORD.findall(text)}


def subset(sheet: str, used: Collection[str]) -> str:
    """Returns the rules of `sheet` that can match elements with classes in `used` only; comments are dropped."""
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return "".join(_kept(rules, used))


def _kept(rules: Iterable[Any], used: Collection[str]) -> Iterable[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            yield from _rule(rule, used)
        elif rule.type == "at-rule" and rule.lower_at_keyword in _NESTED and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if kept := "".join(_kept(inner, used)):
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{kept}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword != "charset":
            yield rule.serialize()


def _rule(rule: Any, used: Collection[str]) -> Iterable[str]:
    selectors = [one for one in _selectors(rule.prelude) if all(name in used for name in _CLASS.findall(one))]
    if selectors:
        yield f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}"


def _selectors(prelude: Iterable[Any]) -> list[str]:
    """The selectors of a rule; a comma inside brackets, as in `:is(a, b)`, separates none."""
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]
