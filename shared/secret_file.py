"""Keeps secrets that the first start makes and every later one reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from shared.folders import private_folder


def kept_secret(path: Path, fresh: str | None = None) -> str:
    """The text of the file; a missing file is made with `fresh`, or with a new secret. Only its owner can read it.

    The file appears whole: two simultaneous first starts agree on the first one.
    """
    private_folder(path.parent)
    if not path.exists():
        _make(path, fresh or secrets.token_hex(32))
    return path.read_text(encoding="utf-8").strip()


def _make(path: Path, text: str) -> None:
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
