"""Finds the numbers that pages link to rows, whatever pages there are, and counts the rows behind each.

A number that links is a link on a page of ours whose visible text holds a number. A row is an element with `data-row`:
in the part of the page that the link's `#…` names, else on the whole page and on all that its *Next* leads to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

Fetch = Callable[[str], str]
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_NUMBER = re.compile(r"(?<![\w.@#/-])(\d{1,3}(?:,\d{3})+|\d+)(\+?)(?![\w./-])")
# Labels of periods are lengths of time; a name or a tag of someone else may hold digits.
_NO_COUNTS = frozenset({"dates", "period-picker", "pages"})
_OTHERS_WORDS = ("@", "#")
_PAGING = frozenset({"after", "before", "older"})


@dataclass
class _Element:
    tag: str
    attrs: dict[str, str]
    text: list[str] = field(default_factory=list)

    @cached_property
    def classes(self) -> set[str]:
        return set(self.attrs.get("class", "").split())


@dataclass(frozen=True)
class NumberLink:
    """A link with a number: what it shows, and where it leads."""

    text: str
    number: int
    more: bool
    address: str


class Read(HTMLParser):
    """One page: its links with the visible text of each, how many rows it has, and how many of them are below an id."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.numbers: list[NumberLink] = []
        self.rows = 0
        self.rows_below: dict[str, int] = {}
        self.next: str | None = None
        self.matching: int | None = None
        self._open: list[_Element] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {name: value or "" for name, value in attrs})
        if "data-row" in element.attrs:
            self.rows += 1
            for outer in (*self._open, element):
                if name := outer.attrs.get("id"):
                    self.rows_below[name] = self.rows_below.get(name, 0) + 1
        if element.attrs.get("data-testid") == "matching" and element.attrs["data-count"].replace(",", "").isdecimal():
            self.matching = int(element.attrs["data-count"].replace(",", ""))
        if tag not in _VOID:
            self._open.append(element)

    def handle_data(self, data: str) -> None:
        if any("visually-hidden" in element.classes for element in self._open):
            return
        for element in self._open:
            if element.tag == "a":
                element.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            element = self._open.pop()
            if element.tag == "a" and "href" in element.attrs:
                self._link(element)
            if element.tag == tag:
                return

    def _link(self, element: _Element) -> None:
        address = urljoin(self.address, element.attrs["href"])
        if urlsplit(address).netloc != urlsplit(self.address).netloc:
            return
        if element.attrs.get("rel") == "next":
            self.next = address
        self.links.append(address)
        text = " ".join("".join(element.text).split())
        found = _NUMBER.search(text)
        plain = not text.startswith(_OTHERS_WORDS) and not any(_NO_COUNTS & outer.classes for outer in self._open)
        if found and plain:
            self.numbers.append(NumberLink(text, int(found[1].replace(",", "")), bool(found[2]), address))


def rows(fetch: Fetch, address: str) -> int:
    """How many rows the address leads to, over all its pages."""
    fragment = urlsplit(address).fragment
    page = Read(fetch(address), address)
    if fragment:
        return page.rows_below.get(fragment, 0)
    found = page.rows
    while page.next is not None:
        page = Read(fetch(page.next), page.next)
        found += page.rows
    return found


def crawled(fetch: Fetch, start: str, within: Callable[[str], bool]) -> Iterator[Read]:
    """Every page that links lead to from `start`, each once; the later pages of a list belong to its first."""
    met, waiting = {start}, [start]
    while waiting:
        address = waiting.pop()
        page = Read(fetch(address), address)
        yield page
        for link in page.links:
            target = urlsplit(link)._replace(fragment="").geturl()
            paged = any(name in _PAGING for name, _ in parse_qsl(urlsplit(target).query))
            if target not in met and not paged and within(target):
                met.add(target)
                waiting.append(target)


def differences(fetch: Fetch, start: str, within: Callable[[str], bool]) -> tuple[list[str], set[str]]:
    """(what differs, the paths with a number on them); a list's own count is held against its rows, too."""
    wrong: list[str] = []
    paths: set[str] = set()
    counted: dict[str, int] = {}

    def count(address: str) -> int:
        if address not in counted:
            counted[address] = rows(fetch, address)
        return counted[address]

    for page in crawled(fetch, start, within):
        if page.matching is not None:
            found = count(page.address)
            if found != page.matching:
                wrong.append(f"{page.address} says {page.matching} and has {found} rows")
        for link in page.numbers:
            paths.add(urlsplit(page.address).path)
            found = count(link.address)
            if found < link.number if link.more else found != link.number:
                wrong.append(f"{link.text!r} on {page.address} leads to {found} rows: {link.address}")
    return wrong, paths
