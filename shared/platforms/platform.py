"""The declaration of a platform."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Platform:
    """`name` is stored, `label` is what people read."""

    name: str
    label: str
