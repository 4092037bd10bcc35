"""The worker's half of a platform: what opens a source by each way in, and what logs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import NotOffered
from worker.platforms.authorization import Authorizer
from worker.platforms.base import SourceOpener
from worker.platforms.login import LoginFlow


@dataclass(frozen=True, slots=True)
class PlatformClient:
    """`name` is that of the declaration in `shared/platforms`. `login` is None where there is no login in a browser.

    `openers` open a source from what a connection stores, by the name of its way in; a profile may have several.
    `authorizers` exchange a consent for tokens, by the same names; one whose app is not set up is left out.
    `derives` says whether rates may be worked out from its figures, and its figures kept for good.
    """

    name: str
    openers: Mapping[str, SourceOpener]
    login: LoginFlow | None = None
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    derives: bool = True

    def opener(self, way_in: str) -> SourceOpener:
        """What opens a connection of this way in; raises NotOffered for one that this version does not know."""
        found = self.openers.get(way_in)
        if found is None:
            raise NotOffered
        return found
