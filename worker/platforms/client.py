"""The worker's half of a platform: what opens a source, and what logs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.platforms.authorization import Authorizer
from worker.platforms.base import SourceOpener
from worker.platforms.login import LoginFlow


@dataclass(frozen=True, slots=True)
class PlatformClient:
    """`name` is that of the declaration in `shared/platforms`. `login` is None where there is no login in a browser.

    `authorizers` exchange a consent for tokens, by the name of the way in; one whose app is not set up is left out.
    `derives` says whether rates may be worked out from its figures, and its figures kept for good.
    """

    name: str
    open_source: SourceOpener
    login: LoginFlow | None = None
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    derives: bool = True
