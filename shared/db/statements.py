"""Named SQL statements: long ones lie in a `.sql` file beside the module of that name, behind `-- name: …` lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

_HEADER = re.compile(r"^-- name: (\w+)$", re.M)
_COMMENT = re.compile(r"^--.*\n?", re.M)


@contextmanager
def statements(module: str) -> Iterator[Callable[[str], LiteralString]]:
    """Opens the file of `module` (its `__file__`) and yields a function that takes a statement by its name.

    The module takes each statement once. Raises ValueError for a name that the file lacks, that was taken before, that
    the file has twice, or that the module left.
    """
    path = Path(module).with_suffix(".sql")
    left = _split(path)

    def take(name: str) -> LiteralString:
        if name not in left:
            raise ValueError(f"{path.name} has no statement {name}, or it was taken before.")
        return left.pop(name)

    yield take
    if left:
        raise ValueError(f"The module of {path.name} does not take: {', '.join(left)}.")


def _split(path: Path) -> dict[str, LiteralString]:
    """The statements by name, without the comment lines.

    They count as literals: the text is a file of this package, as fixed as the code, and never contains input.
    """
    _, *parts = _HEADER.split(path.read_text(encoding="utf-8"))
    names, texts = parts[::2], parts[1::2]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{path.name} has more than one statement {', '.join(twice)}.")
    return {name: _COMMENT.sub("", text).strip() for name, text in zip(names, texts, strict=True)}
