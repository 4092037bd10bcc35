"""The parts of the matrix, which are played side by side."""

import re

NAMES = ("platform", "workers", "database", "browser", "official", "tiktok")
_PART = re.compile(rf"\[({'|'.join(NAMES)})-")


def part_of(nodeid: str) -> str:
    """The part that a test of the matrix belongs to, by the test's id; ValueError where it names none."""
    if found := _PART.search(nodeid):
        return found[1]
    raise ValueError(f"{nodeid} names no part of the matrix")
