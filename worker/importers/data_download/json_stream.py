"""Reads JSON a piece at a time, so that a list of a million entries is never in memory as a whole."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

from shared.errors import ArchiveDamaged, ArchiveUnsafe

_PIECE = 128 * 1024
# The largest single value; an entry of a list has a few hundred bytes.
_LARGEST = 7 * 1024 * 1024
# Real data downloads stay below ten; readers of a value recurse into it.
DEEPEST = 64
_SPACE = " \t\r\n"
_ENDS = frozenset(",:]}" + _SPACE)
Path = tuple[str, ...]


def values(stream: IO[bytes]) -> Iterator[tuple[Path, Any]]:
    """The values of the document, in order, with the keys that lead to them.

    The root and its direct children are walked through: a list gives its items, an object its values by key. Deeper
    values come whole. Raises ArchiveDamaged where it is not JSON or ends too early, ArchiveUnsafe for a far too large
    single value.
    """
    scanner = _Scanner(stream)
    yield from _walk(scanner, (), 2)
    if scanner.peek():
        raise ArchiveDamaged


def _walk(scanner: _Scanner, path: Path, levels: int) -> Iterator[tuple[Path, Any]]:
    start = scanner.peek()
    if levels and start == "[":
        yield from ((path, value) for value in _items(scanner))
    elif levels and start == "{":
        yield from _fields(scanner, path, levels)
    else:
        yield path, scanner.value()


def _items(scanner: _Scanner) -> Iterator[Any]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        yield scanner.value()
        if scanner.take(",]") == "]":
            return


def _fields(scanner: _Scanner, path: Path, levels: int) -> Iterator[tuple[Path, Any]]:
    scanner.take("{")
    if scanner.peek() == "}":
        scanner.take("}")
        return
    while True:
        key = scanner.value()
        if not isinstance(key, str):
            raise ArchiveDamaged
        scanner.take(":")
        yield from _walk(scanner, (*path, key), levels - 1)
        if scanner.take(",}") == "}":
            return


def deeper_than(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested deeper than `levels`. Does not recurse itself."""
    level = [value]
    for _ in range(levels + 1):
        level = [inner for one in level if isinstance(one, list | dict) for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: list[Any] | dict[str, Any]) -> Iterator[Any]:
    # An empty one is a level, too.
    yield from (value.values() if isinstance(value, dict) else value) or (None,)


class _Scanner:
    """The text of a stream, and a position in it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._json = json.JSONDecoder(strict=False)
        self._text, self._at, self._ended = "", 0, False

    def peek(self) -> str:
        """The next character that is not space, "" at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, allowed: str) -> str:
        """Steps over the next character, which must be one of these."""
        sign = self.peek()
        if not sign or sign not in allowed:
            raise ArchiveDamaged
        self._at += 1
        return sign

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                found, end = self._json.raw_decode(self._text, self._at)
                if deeper_than(found, DEEPEST):
                    raise ArchiveUnsafe
                # A number at the end of the buffer may continue in the unread part.
                if self._text[end : end + 1] in _ENDS or isinstance(found, str) or not self._more():
                    self._at = end
                    return found
            except ValueError:
                if not self._more():
                    raise ArchiveDamaged from None
            except RecursionError:
                raise ArchiveUnsafe from None

    def _more(self) -> bool:
        """Reads on, at least as much again as is buffered, so that a long value is not parsed too often."""
        waiting = len(self._text) - self._at
        if self._ended:
            return False
        if waiting > _LARGEST:
            raise ArchiveUnsafe
        piece = self._stream.read(max(_PIECE, waiting))
        self._ended = not piece
        self._text = self._text[self._at :] + self._decode(piece, final=self._ended)
        self._at = 0
        return True
