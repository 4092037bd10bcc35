"""Reads the ids of the faults of November 2026 from their document, and what this project answers to each.

An id is the part's number and the line's: `1.7` and `1.20` are headings of part 1, `1.b2` the second remark beside
them, `2.5` a row of part 2, `5.2.1.12` the twelfth row of 5.2.1. A heading for two faults ("6, 7") gives two ids.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
REPO = HERE.parents[1]
DOCUMENT = REPO.parent / "shared" / "faults-2026-11.md"

_PART = re.compile(r"^# Part (\d)\.")
_SECTION = re.compile(r"^#{2,3} (5(?:\.\d)+) ")
_NUMBERED = re.compile(r"^### ((?:\d+(?:, )?)+) ")
_BESIDE = "## Seen beside it"
_ROW = re.compile(r"^\| ?(?!-)(.*)\|$")
_RULE = re.compile(r"^\|[-| ]+\|$")


@dataclass(frozen=True, slots=True)
class Answer:
    """The tests that hold a line, or the decision that takes their place."""

    tests: Sequence[str] = field(default_factory=tuple)
    decision: str = ""


def ids(text: str) -> list[str]:
    """Returns the id of every line of the document that asks for something, in its order."""
    return list(_ids(text.splitlines()))


def _ids(lines: Sequence[str]) -> Iterator[str]:
    part, section, count = "", "", 0
    for at, line in enumerate(lines):
        if begins := _PART.match(line):
            part = section = begins[1]
            count = 0
        elif begins := _SECTION.match(line):
            section, count = begins[1], 0
        elif part == "1" and (begins := _NUMBERED.match(line)):
            yield from (f"1.{number}" for number in begins[1].split(", "))
        elif line.startswith(_BESIDE):
            # Four remarks in running text: no username, figures, copies of files, a 429 with a body.
            yield from (f"1.b{number}" for number in range(1, 5))
        elif part == "4" and line.startswith("- "):
            count += 1
            yield f"4.{count}"
        elif part and part in "235" and _is_row(lines, at):
            count += 1
            yield f"{section}.{count}"


def _is_row(lines: Sequence[str], at: int) -> bool:
    """Whether a line is a table's row: not its header, which a rule follows, nor the rule."""
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return bool(_ROW.match(lines[at])) and not _RULE.match(lines[at]) and not _RULE.match(following)


def answers() -> dict[str, Answer]:
    """Returns what the committed lists say, by id."""
    found: dict[str, Answer] = {}
    for path in sorted(HERE.glob("part*.toml")):
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if key in found:
                raise ValueError(f"{path.name} answers {key} a second time")
            found[key] = Answer(tuple(entry.get("tests", ())), entry.get("decision", ""))
    return found


def unanswered(wanted: Sequence[str], given: Mapping[str, Answer]) -> list[str]:
    """Returns the ids without a test or a decision."""
    return [key for key in wanted if key not in given or not (given[key].tests or given[key].decision)]


def missing_tests(given: Mapping[str, Answer]) -> list[str]:
    """Returns each named test that is not in its file, as `id: file::test`."""
    return [f"{key}: {name}" for key, answer in given.items() for name in answer.tests if not _exists(name)]


def _exists(name: str) -> bool:
    file, _, test = name.partition("::")
    path = REPO / file
    if not test or not path.is_file():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, functions) and node.name == test for node in ast.walk(tree))
