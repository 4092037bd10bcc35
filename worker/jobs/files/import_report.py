"""The report of an import, its contents and skipped entries, as `imports.report` stores it and the page shows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from shared.domain.social import Direction
from shared.store.followers.publish_import import PublishedList
from worker.importers.data_download.download import ListPart

# At most this many unknown labels are named; the others are only counted.
_NAMED_LABELS = 20


@dataclass
class Report:
    """Collected while a data download is read. Every entry counts, as read or as skipped."""

    parts: dict[Direction, ListPart] = field(default_factory=dict)
    published: dict[Direction, PublishedList] = field(default_factory=dict)
    unfollowed: ListPart = field(default_factory=ListPart)
    others: dict[str, ListPart] = field(default_factory=dict)
    media: Counter[str] = field(default_factory=Counter)
    media_skipped: int = 0
    insights: int = 0
    insights_joined: int = 0
    insights_unread: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """`lists` by direction, `others` by file name, `media` by kind, `insights`; counts throughout."""
        return {
            "lists": {str(direction): self._list(direction) for direction in self.parts},
            "unfollowed": _part(self.unfollowed),
            "others": {name: _part(part) for name, part in sorted(self.others.items())},
            "media": dict(sorted(self.media.items())),
            "media_skipped": self.media_skipped,
            "insights": self.insights,
            "insights_joined": self.insights_joined,
            "insights_unread": self.insights_unread.total(),
            "insights_unread_labels": [label for label, _ in self.insights_unread.most_common(_NAMED_LABELS)],
        }

    def _list(self, direction: Direction) -> dict[str, Any]:
        found = _part(self.parts[direction])
        one = self.published.get(direction)
        if one is None:
            return found
        return found | {
            "verdict": one.verdict.kind if one.verdict else "dates",
            "reason": one.verdict.reason if one.verdict else None,
            "people": one.seen,
            "dated": one.dated,
            "gained": one.gained,
            "lost": one.lost,
            "returned": one.returned,
            "guessed": one.guessed,
            "missing": one.missing,
            "first": one.first,
        }


def _part(part: ListPart) -> dict[str, Any]:
    return {"files": part.files, "entries": part.named, "skipped": part.skipped, "undated": part.undated}
