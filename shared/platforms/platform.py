"""The declaration of a platform."""

from dataclasses import dataclass
from enum import StrEnum


class WayIn(StrEnum):
    """The method of a connection."""

    BROWSER = "browser"
    DATA_DOWNLOAD = "data_download"


@dataclass(frozen=True, slots=True)
class Platform:
    """`name` is stored, `label` is what people read, `ways_in` are the methods that its connections may have."""

    name: str
    label: str
    ways_in: tuple[WayIn, ...]
