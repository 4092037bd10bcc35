"""Opens what the web sealed for one job."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from shared.errors import SecretsGone, VaultError
from shared.vault import Purpose
from worker.jobs.base import JobContext
from worker.services import Services

T = TypeVar("T")


def unseal(ctx: JobContext, services: Services, purpose: Purpose, read: Callable[[Any], T]) -> T:
    """Returns what `read` makes of the sealed JSON.

    Raises SecretsGone when it was erased, is too old, is not for this job, or has another form.
    """
    job = ctx.job
    if job.sealed is None:
        raise SecretsGone
    try:
        text = services.keyring.open(
            job.sealed, purpose=purpose, user_id=job.user_id, subject_id=job.id, now=datetime.now(UTC)
        )
    except VaultError as error:
        raise SecretsGone(error.sentence, next_step=error.next_step) from None
    try:
        return read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SecretsGone().as_variant("form") from None
