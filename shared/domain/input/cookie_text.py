"""Decodes a cookie file, whatever encoding the browser, the extension or the editor used."""

import codecs

from shared.errors import InputError
from shared.messages import Message

# UTF-32 stands first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")


def text_of(raw: bytes) -> str:
    """The text of the file without its byte order mark; raises InputError when the file is no text.

    A file that is not Unicode is read as Latin-1, which has a character for every byte. The cookies that Rollcall keeps
    are plain ASCII, so the characters of another site's cookie do not matter.
    """
    text = _decoded(raw)
    if text is None or "\0" in text:
        raise InputError(
            Message("This is not a text file."), next_step=Message("Export the cookies as cookies.txt or JSON.")
        )
    return text


def _decoded(raw: bytes) -> str | None:
    marked = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), None)
    if marked == "utf-8-sig":
        return _narrow(raw.removeprefix(codecs.BOM_UTF8))
    if marked is not None:
        return _in(raw, marked)
    if b"\0" not in raw:
        return _narrow(raw)
    # Every second byte of ASCII in UTF-16 is zero, and three of four in UTF-32: the wrong order gives no such text.
    found = (_in(raw, encoding) for encoding in _WIDE)
    return next((text for text in found if text is not None and "\0" not in text and _is_mostly_ascii(text)), None)


def _narrow(raw: bytes) -> str:
    text = _in(raw, "utf-8")
    return raw.decode("latin-1") if text is None else text


def _in(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_mostly_ascii(text: str) -> bool:
    return sum(map(str.isascii, text)) * 2 > len(text)
