"""Invariants under every fault. Each is a function of one outcome and returns what is wrong with it."""

from collections.abc import Callable, Mapping

from shared.domain.jobs import JobKind
from tests.reliability.rows import Row
from tests.reliability.stage import Outcome

# A session that ends while a story is live is told twice.
from tests.said import alert_said, error_said

_STORIES_BESIDE = "stories_at_risk"


def no_false_loss(row: Row, seen: Outcome) -> list[str]:
    """A person shown as lost was gone and a person shown as new was not there before, during the fault and after it."""
    return [*seen.during, *(told for told in seen.after if "missing []" not in told)]


def no_lost_page(row: Row, seen: Outcome) -> list[str]:
    """Once the fault is over the stored lists are the true ones, to the last person and name."""
    judged = {row.verdict} if row.verdict else set()
    wrong = list(seen.after)
    if set(seen.verdicts) != judged:
        wrong.append(f"judged {seen.verdicts}, not {sorted(judged)}")
    return wrong


def no_doubled_event(row: Row, seen: Outcome) -> list[str]:
    """Each coming and leaving is counted once, and what is stored twice agrees."""
    return seen.doubled


def no_secret_out(row: Row, seen: Outcome) -> list[str]:
    """No password, code or session is in the log, the jobs, the alerts or the runs."""
    return [f"a {name} stands in the open" for name in seen.secrets]


def budget_kept(row: Row, seen: Outcome) -> list[str]:
    """Every request counts against the profile's budget, and a refused worker stops asking."""
    over = seen.requests > row.most_requests
    wrong = [f"{seen.requests} requests in {seen.job['fence']} attempts: {seen.notes['asked']}"] if over else []
    # The pages of a login are the browser's own doing and wait for no one.
    if row.work is not JobKind.LOGIN and seen.asked > seen.counted:
        wrong.append(f"{seen.asked} requests were made and {seen.counted} counted")
    return wrong


def person_told(row: Row, seen: Outcome) -> list[str]:
    """The job, the alert and the profile say what the row says, in sentences."""
    job, wrong = seen.job, []
    found = {
        "the work is": (job["state"], row.ends),
        "its error is": (job["error_code"] if job["state"] != "COMPLETED" else None, row.code),
        "the alerts are": (
            {alert["kind"] for alert in seen.alerts} - {_STORIES_BESIDE},
            {row.alert} if row.alert else set(),
        ),
        "the profile is": (seen.profile["state"], row.profile),
    }
    for what, (said, expected) in found.items():
        if said != expected:
            wrong.append(f"{what} {said}, not {expected}")
    told = [alert_said(alert) for alert in seen.alerts] + ([error_said(job)] if row.code else [])
    return wrong + [f"not a sentence: {text!r}" for text in told if not _is_sentence(text)]


def _is_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and "!" not in text and "None" not in text


INVARIANTS: Mapping[str, Callable[[Row, Outcome], list[str]]] = {
    "no false loss": no_false_loss,
    "no lost page": no_lost_page,
    "no doubled event": no_doubled_event,
    "no secret out": no_secret_out,
    "budget kept": budget_kept,
    "the person told": person_told,
}
