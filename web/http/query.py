"""Reads choices from a fixed set in an address."""

from enum import StrEnum
from typing import TypeVar

Choice = TypeVar("Choice", bound=StrEnum)


def choice(choices: type[Choice], text: str | None) -> Choice:
    """The choice named by `text`; the first for None and for anything unknown."""
    every = list(choices)
    return next((one for one in every if one == text), every[0])
