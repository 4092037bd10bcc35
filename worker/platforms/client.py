"""The worker's half of a platform: what opens a source, and what logs in."""

from __future__ import annotations

from dataclasses import dataclass

from worker.platforms.base import SourceOpener
from worker.platforms.login import LoginFlow


@dataclass(frozen=True, slots=True)
class PlatformClient:
    """`name` is that of the declaration in `shared/platforms`. `login` is None where there is no login in a browser."""

    name: str
    open_source: SourceOpener
    login: LoginFlow | None = None
