"""The documents' references exist: files, names in files, commands, scripts, tables, and the anchors of rules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from rollcall import main
from shared.db import migrate
from shared.domain.jobs import TRANSITIONS, JobState
from tests.conftest import REPO

PAGES = [*sorted(REPO.glob("*.md")), *sorted((REPO / "docs").rglob("*.md"))]
ROOTS = ("bench", "cli", "sandbox", "shared", "tests", "web", "worker")
# The data folder and the bucket have these, the repository has not.
ELSEWHERE = ("keys/", "exports/", "data-downloads/", "imports/")
_SPAN = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^```.*?^```|^ {4}\S[^\n]*$", re.M | re.S)
_PATH = re.compile(r"((?:[\w.-]+/)+(?:[\w-][\w.-]*\.(?:py|sql|md|toml|tsx?|html|js|css|json|txt|sh))?)(?:::([\w.]+))?")
_DOTTED = re.compile(rf"(?:{'|'.join(ROOTS)})(?!\.env$)(?:\.\w+)+")
_SCHEMA = re.compile(r"rollcall\.(?!py$)(\w+)")
_COMMAND = re.compile(r"(?:^|(?<=\s))(?:bin/)?rollcall ([a-z][a-z-]*)(?: ([a-z][a-z-]*)(?![\w.]))?", re.M)
_SCRIPT = re.compile(r"(?<![\w./-])bin/([\w.-]*\w)")
_ANCHOR = r"(?:IG-\d+(?:\.\d+)*|R-\d+)"
_CITED = re.compile(rf"(?<![\w-]){_ANCHOR}(?![\w-])")
# A line that begins with the anchor defines it: a heading, an item, a row of a table, or the HTML anchor itself.
_DEFINED = re.compile(rf'^(?:[#*|\s-]|<a (?:id|name)="|`)*({_ANCHOR})(?![\w-])', re.M)
_CITING = (".py", ".sql", ".md", ".html", ".js", ".toml", ".sh")


def missing(page: str) -> list[str]:
    """Returns what the text of a document names and the repository does not have."""
    spans = _SPAN.findall(_BLOCK.sub("", page))
    blocks = _BLOCK.findall(page)
    return [
        *(span for span in spans if not _is_there(span)),
        *(
            found.group().strip()
            for code in [*spans, *blocks]
            for found in _COMMAND.finditer(code)
            if not _is_command(*found.groups())
        ),
        *(f"bin/{name}" for name in _SCRIPT.findall(page) if not (REPO / "bin" / name).is_file()),
    ]


def _is_there(span: str) -> bool:
    if (path := _PATH.fullmatch(span)) is not None:
        return path[1].startswith(ELSEWHERE) or ((REPO / path[1]).exists() and _has(REPO / path[1], path[2]))
    if _DOTTED.fullmatch(span):
        return _is_module(span.split("."))
    if (name := _SCHEMA.fullmatch(span)) is not None:
        return name[1] in _in_schema()
    return True


def _is_module(parts: list[str]) -> bool:
    """Whether the parts are a module or package, or one and a name in it."""
    for end in range(len(parts), 0, -1):
        place = REPO.joinpath(*parts[:end])
        if place.with_suffix(".py").is_file():
            return _has(place.with_suffix(".py"), ".".join(parts[end:]))
        if place.is_dir():
            return end == len(parts)
    return False


def _has(path: Path, name: str | None) -> bool:
    return not name or name in _names(path)


@cache
def _names(path: Path) -> frozenset[str]:
    """The names that a module defines, and those of its classes as `Class.name`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = set(_defined(tree.body))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            named |= {f"{node.name}.{name}" for name in _defined(node.body)}
    return frozenset(named)


def _defined(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


@cache
def _in_schema() -> frozenset[str]:
    """The functions, tables and sequences of the private schema."""
    files = [*(REPO / "supabase" / "migrations").glob("*.sql"), *(REPO / "shared" / "db").glob("*.sql")]
    made = re.compile(r"^\s*create (?:or replace )?(?:function|table|sequence) rollcall\.(\w+)", re.M)
    return frozenset(name for path in files for name in made.findall(path.read_text(encoding="utf-8")))


def _is_command(name: str, part: str | None) -> bool:
    context = click.Context(main)
    if name not in main.list_commands(context):
        return False
    command = main.get_command(context, name)
    return part is None or not isinstance(command, click.Group) or part in command.list_commands(context)


def uncovered(cited: Iterable[tuple[str, str]], pages: Iterable[str]) -> list[str]:
    """Returns each place and the anchor that it cites, where no page defines the anchor."""
    known = {anchor for page in pages for anchor in _DEFINED.findall(page)}
    return [f"{place}: {anchor}" for place, text in cited for anchor in _CITED.findall(text) if anchor not in known]


def _sources() -> Iterator[tuple[str, str]]:
    folders = [*ROOTS, "docs", "supabase", "bin"]
    files = [REPO / "rollcall.py", *PAGES, *(path for name in folders for path in sorted((REPO / name).rglob("*")))]
    for path in files:
        if path.suffix in _CITING and path != Path(__file__).resolve():
            yield str(path.relative_to(REPO)), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPO)))
def test_all_that_a_document_names_is_there(page: Path) -> None:
    assert missing(page.read_text(encoding="utf-8")) == []


def test_every_anchor_that_is_cited_is_defined() -> None:
    assert uncovered(_sources(), [page.read_text(encoding="utf-8") for page in PAGES]) == []


def test_the_page_of_the_architecture_has_nine_rules_and_every_table() -> None:
    text = (REPO / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert list(dict.fromkeys(_DEFINED.findall(text))) == [f"R-{n}" for n in range(1, 10)]
    assert set(migrate.tables()) - set(_SPAN.findall(text)) == set()


def test_the_page_of_the_architecture_has_the_transitions_of_a_job() -> None:
    text = (REPO / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = {JobState(state): after for state, after in re.findall(r"^([A-Z_]+) +→ (.+)$", text, re.M)}
    shown = {state: frozenset(map(JobState, after.split(", "))) for state, after in drawn.items()}
    assert shown == {state: after for state, after in TRANSITIONS.items() if after}


@pytest.mark.parametrize(
    "named",
    [
        "`worker/lop.py`",
        "`worker/jobz/`",
        "`worker/runner/loop.py::Worke`",
        "`worker/runner/loop.py::Worker.walk`",
        "`worker.lop.Worker`",
        "`worker.runner.loop.Worke`",
        "`rollcall.claim_job`",
        "`rollcall upp`",
        "`bin/rollcall keys rotat`",
        "```\nrollcall upp\n```",
        "    bin/rollcall upp",
        "`bin/tests`",
    ],
)
def test_a_wrong_name_is_found(named: str) -> None:
    assert missing(f"Words before it.\n\n{named}\n\nWords after it.") != []


def test_a_right_name_is_not_found() -> None:
    right = """`worker/runner/loop.py`, `worker/jobs/`,
`worker/runner/loop.py::Worker.run`, `worker.runner.loop.Worker`, `worker.jobs`,
`rollcall.claim_jobs`, `rollcall up`, `bin/rollcall keys rotate`, `rollcall import download.zip`, `keys/web-secret.txt`

    bin/demo
"""
    assert missing(right) == []


def test_an_anchor_that_nothing_defines_is_found() -> None:
    page = '## IG-1.7 A heading\n<a id="R-6"></a>\n| R-7 | a row |\nThe sentence cites R-8.\n'
    cited = [("one.py", "as R-6, R-7 and IG-1.7 say"), ("two.py", "see R-8 and IG-1.8.")]
    assert uncovered(cited, [page]) == ["two.py: R-8", "two.py: IG-1.8"]
