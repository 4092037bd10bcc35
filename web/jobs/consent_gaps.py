"""Names the scopes that a person left unticked on a consent page, for the page of the CONNECT job."""

from __future__ import annotations

from shared.db.pools import WebConnection
from shared.domain.jobs import JobKind, JobState
from shared.platforms import PLATFORMS
from shared.store.profiles import connections
from shared.store.queue.jobs import JobView
from web.translation import translate


def missing(conn: WebConnection, job: JobView) -> list[str]:
    """What the connection that the job made does not show for want of a permission."""
    platform = PLATFORMS.get(job.platform or "")
    if job.kind is not JobKind.CONNECT or job.state is not JobState.COMPLETED or platform is None:
        return []
    provider = next((one for way, one in platform.providers.items() if way == job.way_in), None)
    if provider is None or job.profile_id is None:
        return []
    made = connections.view(conn, job.profile_id, job.way_in)
    gaps = () if made is None else provider.missing(made.scopes)
    return [translate(provider.scope_words.get(scope, scope)) for scope in gaps]
