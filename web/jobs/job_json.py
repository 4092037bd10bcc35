"""A job as JSON: the answer of `GET /api/v1/jobs/<id>`, the page's first contents and its polls."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from math import ceil
from typing import Any

from shared.domain.jobs import CodeMethod, InputRequest
from shared.store.queue.jobs import JobView
from shared.store.queue.login_screenshots import JobPicture
from web.jobs import job_labels
from web.text.values import iso
from web.translation import translate

_WANTS = {
    CodeMethod.APPROVAL: "approval",
    CodeMethod.ACCOUNT: "account",
    CodeMethod.SAME_ACCOUNT: "same_account",
}


def job_json(job: JobView, now: datetime | None = None, picture: JobPicture | None = None) -> dict[str, Any]:
    """States, counts and times for scripts; `title`, `status`, `counts`, `time_left`, `hint` are the same in words.

    `picture` is the address of a failed login's screenshot. `phase` changes whenever the page has something new to show
    besides numbers. Times are ISO 8601, UTC.
    """
    now = now or datetime.now(UTC)
    done, total = job.progress.get("done"), job.progress.get("total")
    return {
        "id": str(job.id),
        "profile_id": str(job.profile_id) if job.profile_id else None,
        "kind": job.kind,
        "state": job.state,
        "ended": job.ended,
        "cancel_requested": job.cancel_requested,
        "attempt": job.attempt,
        "title": job_labels.title(job.kind, job.platform),
        "page_title": job_labels.page_title(job),
        "status": job_labels.status(job, now),
        "step": job.progress.get("step"),
        "done": done,
        "total": total,
        "percent": _percent(job, done, total),
        "counts": None if job.ended else job_labels.counts(job),
        "eta_seconds": job.eta_seconds,
        "time_left": job_labels.time_left(job),
        "hint": job_labels.hint(job, now),
        "input": None if job.input_request is None else _input(job, job.input_request, now),
        "error": {"code": job.error_code, "message": translate(job.error_message)} if job.error_code else None,
        "picture": None if picture is None else _picture(job, picture),
        "run_at": iso(job.run_at),
        "created_at": iso(job.created_at),
        "started_at": iso(job.started_at),
        "ended_at": iso(job.ended_at),
        "phase": _phase(job),
    }


def _input(job: JobView, asked: InputRequest, now: datetime) -> dict[str, Any]:
    """`wants` is "code", "approval", "account" (one of `choices`) or "same_account" (yes or no to the only one).

    `resend_in` is the seconds until another code can be sent, None for never.
    """
    left = None if asked.resend_at is None else max(0, ceil((asked.resend_at - now).total_seconds()))
    return {
        "wants": _WANTS.get(asked.method, "code"),
        "method": asked.method,
        "sent_to": asked.sent_to,
        "question": job_labels.question(job, asked),
        "error": asked.error and translate(asked.error),
        "others": [{"method": other, "label": job_labels.other_way(other)} for other in asked.others],
        "choices": [asdict(choice) for choice in asked.choices],
        "resend_at": iso(asked.resend_at),
        "resend_in": left,
    }


def _picture(job: JobView, picture: JobPicture) -> dict[str, Any]:
    return {
        "url": f"/jobs/{job.id}/picture",
        "taken_at": iso(picture.taken_at),
        "expires_at": iso(picture.expires_at),
    }


def _percent(job: JobView, done: object, total: object) -> int | None:
    if job.ended or not isinstance(done, int) or not isinstance(total, int) or total <= 0:
        return None
    return min(100, done * 100 // total)


def _phase(job: JobView) -> str:
    facts = (job.state, job.cancel_requested, job.input_request, job.error_code, job.error_message)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
