"""Markdown has one sentence a line, and its links find the headings that they name."""

import re
from pathlib import Path

import pytest

from tests.conftest import REPO

PAGES = [*sorted(REPO.glob("*.md")), *sorted((REPO / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```.*?^```|^ {4,}[^\n]*$", re.M | re.S)
_NO_PROSE = re.compile(r"\s*(?:[|#!<>]|\[[^]]+\]:)")
_ITEM = re.compile(r"\s*(?:[-*] |\d+\. )")
# An item's or a paragraph's bold beginning stays on the line of its first sentence.
_BEGINNING = re.compile(r"^\s*(?:[-*] |\d+\. )?(?:\*\*[^*]+\*\*)?")
_ASIDE = re.compile(r"`[^`]*`|\([^()]*\)|\"[^\"]*\"")
_ENDS = re.compile(r"[.!?:;…][\"”)*`]*$")
_ENDS_WITHIN = re.compile(r"[a-z0-9`)\"][.!?][\"”)*]* +(?=[A-Z])")


def broken_lines(text: str) -> list[str]:
    """Returns the lines of prose that end within a sentence, or hold more than one."""
    found = []
    for block in re.split(r"\n\s*\n", _BLOCK.sub("", text)):
        lines = [line for line in block.splitlines() if line and not _NO_PROSE.match(line)]
        for line, after in zip(lines, [*lines[1:], "- "], strict=False):
            bare = _ASIDE.sub("x", _BEGINNING.sub("", line))
            if (not _ITEM.match(after) and not _ENDS.search(line)) or _ENDS_WITHIN.search(bare):
                found.append(line)
    return found


def anchors(page: Path) -> set[str]:
    """Returns the names that a link to a place on the page may have."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    made = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)"', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPO)))
def test_a_line_of_prose_is_one_sentence(page: Path) -> None:
    assert broken_lines(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPO)))
def test_every_link_to_a_heading_finds_it(page: Path) -> None:
    links = re.findall(r"\]\(([^):#]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    assert [(to, name) for to, name in links if name not in anchors(page.parent / to if to else page)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One sentence that is\nbroken at its middle.", ["One sentence that is"]),
        ("One sentence. Another one.", ["One sentence. Another one."]),
        ("- **Lead.** One sentence.\n  Another one.\n- A note without an end\n- One more", []),
        ("| a cell. Another | row |\n\n    code. Not prose\n", []),
    ],
)
def test_a_broken_line_is_found(text: str, found: list[str]) -> None:
    assert broken_lines(text) == found
