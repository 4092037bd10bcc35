"""Checks how long the version of Meta's Graph API that the settings name is still there."""

from __future__ import annotations

from datetime import UTC, date, datetime

from cli.ops.doctor.check import Check, leave_out, wrong
from shared.platforms.graph_versions import ENDS, is_over, warning
from shared.settings import Settings

_NAME = "graph version"


def graph_version(settings: Settings) -> Check:
    """The check for today."""
    return version_on(settings, datetime.now(UTC).date())


def version_on(settings: Settings, today: date) -> Check:
    """The check for a day; not made where no app of Meta is set up."""
    version = settings.graph_version
    if not (settings.instagram_app_id or settings.meta_app_id):
        return leave_out(_NAME, "not needed: no app of Meta is set up")
    said = warning(version, today)
    if said is None:
        end = ENDS[version]
        return Check(_NAME, True, f"{version} " + (f"ends on {end}" if end else "has no end that Meta has named"))
    first, advice = said.parts
    return wrong(_NAME, first, advice) if is_over(version, today) else Check(_NAME, True, first, advice)
