"""docs/reliability.md, made of the same rows and invariants that the tests run."""

from collections.abc import Iterator

from tests.conftest import REPO
from tests.reliability.invariants import INVARIANTS
from tests.reliability.rows import Row
from tests.reliability.table import MACHINE, OFFICIAL, PLATFORM, TIKTOK

PAGE = REPO / "docs" / "reliability.md"
_HEAD = """\
# What holds when things go wrong

Instagram's web pages were not made for programs, and every machine fails in its own ways.
This page lists each fault that was tried, what Rollcall does then, and what you read about it.
It is generated from the tests: `python -m tests.reliability` writes it, and a test compares it.
Each ✓ is one test, which fails if the sentence at the top of its column is untrue.
The test sets the fault once, and a real worker with a real browser and a real database meets it.
It looks while the fault lasts, removes the fault, and looks again when everything has settled.
`bin/test` runs these tests beside all others, `bin/test --matrix` runs them alone.

The columns:

"""
_SOAK = """
## All of it at once

`python -m bench soak --minutes 30` lets these faults come at random over several profiles.
Two workers are killed and frozen, browsers are killed, and the database is stopped, crashed and cut off.
After each round it compares every list, name, counter, post and event with the truth.
Its last line is JSON; `differences` must be 0.

## What is not tried

* The real Instagram.
  Everything here is a stand-in that answers as Instagram was seen to answer.
  This page says nothing about behaviour of Instagram that was never recorded.
* Power cuts and broken disks.
  The database is crashed, but its files stay what the system has written.
"""


def text() -> str:
    """The whole page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD
    for name, holds in INVARIANTS.items():
        sentence = " ".join((holds.__doc__ or "").split())
        yield f"* **{name}**: {sentence}\n"
    yield "\n## What Instagram does\n"
    for group, rows in PLATFORM.items():
        yield from _group(group, rows, "Instagram")
    yield "\n## What YouTube does\n\nA sync of everything meets each of these faults, without a browser.\n"
    for group, rows in OFFICIAL.items():
        yield from _group(group, rows, "YouTube")
    yield "\n## What TikTok does\n\nA sync of everything meets each of these faults, without a browser.\n"
    for group, rows in TIKTOK.items():
        yield from _group(group, rows, "TikTok")
    yield "\n## What the machine does\n"
    for group, rows in MACHINE.items():
        yield from _group(group, rows, "What happens")
    yield _SOAK


def _group(group: str, rows: tuple[Row, ...], who: str) -> Iterator[str]:
    names = [name.replace("no ", "no&nbsp;") for name in INVARIANTS]
    yield f"\n### {group}\n\n"
    yield f"| {who} | Rollcall | you read | {' | '.join(names)} |\n"
    yield "|---|---|---|" + ":-:|" * len(names) + "\n"
    for row in rows:
        cells = [_cell(row.does), _cell(row.answers), _cell(row.reads), *("✓" for _ in names)]
        yield f"| {' | '.join(cells)} |\n"


def _cell(sentence: str) -> str:
    return sentence.replace("|", "\\|")
