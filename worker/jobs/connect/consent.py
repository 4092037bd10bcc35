"""A consent: the code that the provider sent back, sealed by the web, and later the grant that it was exchanged for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.store.queue import claims
from shared.vault import Purpose
from worker.jobs.base import JobContext
from worker.jobs.connect.sealed import unseal
from worker.platforms.authorization import Grant
from worker.platforms.base import SessionSecret
from worker.services import Services

# A code is good once, so a job that stops and continues has to find the grant again.
_GRANT_KEPT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Consent:
    """What was sealed for the job: `code` as long as it was not exchanged, then `grant`."""

    timezone: str
    redirect_uri: str = ""
    verifier: str | None = field(default=None, repr=False)
    code: str = field(default="", repr=False)
    grant: Grant | None = None


def open_consent(ctx: JobContext, services: Services) -> Consent:
    """What was sealed for this job; raises SecretsGone when it was erased, is too old or is not for this job."""
    return unseal(ctx, services, Purpose.OAUTH_CODE, _read)


async def keep_grant(ctx: JobContext, services: Services, consent: Consent, grant: Grant) -> None:
    """Seals the grant in place of the code; it is erased when the job ends, whatever the end."""
    text = json.dumps({"timezone": consent.timezone, "grant": _written(grant)})
    expires_at = datetime.now(UTC) + _GRANT_KEPT
    sealed = services.keyring.sealing_key.seal(
        text.encode(),
        purpose=Purpose.OAUTH_CODE,
        user_id=ctx.job.user_id,
        subject_id=ctx.job.id,
        expires_at=expires_at,
    )
    async with ctx.transaction() as conn:
        await claims.replace_sealed(conn, ctx.job.id, ctx.job.fence, sealed, expires_at)


def _written(grant: Grant) -> dict[str, Any]:
    ends = None if grant.expires_at is None else grant.expires_at.isoformat()
    return {"secret": grant.secret.text, "scopes": sorted(grant.scopes), "expires_at": ends}


def _read(stored: Mapping[str, Any]) -> Consent:
    timezone = str(stored["timezone"])
    if "grant" not in stored:
        verifier = stored["verifier"]
        return Consent(timezone, str(stored["redirect_uri"]), verifier and str(verifier), str(stored["code"]))
    kept = stored["grant"]
    ends = kept["expires_at"]
    grant = Grant(SessionSecret(kept["secret"]), frozenset(kept["scopes"]), ends and datetime.fromisoformat(ends))
    return Consent(timezone, grant=grant)
