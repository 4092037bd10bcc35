"""Asks for metrics in groups: one that the platform refuses costs only itself, and is not asked for again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from shared.domain.metrics import Metric
from shared.domain.social import Observation
from shared.errors import ReportRefused
from worker.platforms.http_api import Json
from worker.platforms.instagram_graph.refusals import BeforeConversion, NotEnoughViewers, NotOnFacebook

Ask = Callable[[str], Awaitable[Observation[Json]]]
"""Asks for metrics by their names, with commas between them."""
Answers = list[tuple[Sequence[Metric], Observation[Json]]]


@dataclass(slots=True)
class Groups:
    """The groups of one source; `refused` are the ids that the platform never gave since it was opened."""

    refused: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)

    async def ask(self, metrics: Sequence[Metric], ask: Ask) -> Answers:
        """The answers for these metrics: one for all, or one each where the platform refuses them together.

        Raises NotEnoughViewers and BeforeConversion, which no other group would change.
        """
        wanted = [one for one in metrics if one.id not in self.refused]
        if not wanted:
            return []
        try:
            answer = await ask(",".join(dict.fromkeys(name_of(one) for one in wanted)))
            self.given.update(one.id for one in wanted)
            return [(wanted, answer)]
        except (NotEnoughViewers, BeforeConversion):
            raise
        except NotOnFacebook:
            # This medium lacks it, and the next one may have it.
            return [] if len(wanted) == 1 else await self._each(wanted, ask)
        except ReportRefused:
            if len({name_of(one) for one in wanted}) > 1:
                return await self._each(wanted, ask)
            # What was given before is refused for this time or this medium alone.
            self.refused.update(one.id for one in wanted if one.id not in self.given)
            return []

    async def _each(self, wanted: Sequence[Metric], ask: Ask) -> Answers:
        names = dict.fromkeys(name_of(one) for one in wanted)
        alone = [[one for one in wanted if name_of(one) == name] for name in names]
        return [answer for group in alone for answer in await self.ask(group, ask)]


def name_of(metric: Metric) -> str:
    """The platform's name of a metric, without the value of a breakdown."""
    return metric.field.partition(".")[0]
