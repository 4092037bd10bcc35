"""The name and state of a job in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from shared.domain.jobs import CodeMethod, InputRequest, JobKind, JobState
from shared.store.queue.jobs import JobView
from web.text.values import counted, number, span

_TITLES = {
    JobKind.LOGIN: "Connecting to Instagram",
    JobKind.SYNC: "Syncing everything",
    JobKind.SYNC_PROFILE: "Syncing the profile",
    JobKind.SYNC_FOLLOWERS: "Syncing followers",
    JobKind.SYNC_FOLLOWING: "Syncing accounts followed",
    JobKind.SYNC_MEDIA: "Syncing posts and reels",
    JobKind.SYNC_STORIES: "Syncing stories",
    JobKind.SYNC_LIKERS: "Syncing likers of recent posts",
    JobKind.LOOK_UP: "Checking accounts that left",
    JobKind.PROBE: "Checking whether a stopped list works again",
    JobKind.CHECK_SESSION: "Checking the session",
    JobKind.IMPORT: "Importing a data download",
    JobKind.DERIVE: "Calculating the figures",
    JobKind.EXPORT: "Writing an export",
    JobKind.PURGE: "Deleting a profile",
    JobKind.ACCOUNT_EXPORT: "Writing the file of all your data",
    JobKind.ERASE: "Deleting an account",
}
_STEPS = {
    "login": "Logging in",
    "open": "Opening Instagram",
    "form": "Filling in the login",
    "code": "Checking the security code",
    "profile": "Syncing the profile",
    "followers": "Syncing followers",
    "follower": "Syncing followers",
    "following": "Syncing accounts followed",
    "posts": "Syncing posts",
    "reels": "Syncing reels",
    "media": "Syncing posts and reels",
    "stories": "Syncing stories",
    "likers": "Syncing likers of recent posts",
    "look_up": "Checking accounts that left",
    "session": "Checking the session",
    "import": "Importing the data download",
    "publish": "Comparing with the last sync",
    "derive": "Calculating the figures",
    "write": "Writing the file",
    "delete": "Deleting",
}
_THINGS = {
    "follower": ("follower", "followers"),
    "followers": ("follower", "followers"),
    "following": ("account followed", "accounts followed"),
    "posts": ("post", "posts"),
    "reels": ("reel", "reels"),
    "media": ("post or reel", "posts and reels"),
    "write": ("row", "rows"),
    "delete": ("row", "rows"),
}
_QUESTIONS = {
    CodeMethod.TOTP: "Enter the code that your authenticator app shows for Instagram now.",
    CodeMethod.SMS: "Instagram sent the code by text message",
    CodeMethod.WHATSAPP: "Instagram sent the code by WhatsApp",
    CodeMethod.EMAIL: "Instagram sent the code by e-mail",
    CodeMethod.APPROVAL: "Open Instagram on your phone, where you are logged in, and confirm that this login is yours. "
    "The login here then continues by itself.",
    CodeMethod.BACKUP: "Enter one of your Instagram backup codes (8 digits). Each works once.",
}
_OTHER_WAYS = {
    CodeMethod.TOTP: "Use the authenticator app",
    CodeMethod.SMS: "Send it by text message",
    CodeMethod.WHATSAPP: "Send it by WhatsApp",
    CodeMethod.EMAIL: "Send it by e-mail",
    CodeMethod.BACKUP: "Use a backup code",
    CodeMethod.APPROVAL: "Confirm it on your phone",
}
_LONG_IN_LINE = timedelta(seconds=20)


def title(kind: JobKind) -> str:
    """Returns the job's activity: "Syncing followers"."""
    return _TITLES[kind]


def page_title(job: JobView) -> str:
    """The title of the job's page, which begins with a needed code or the end of the work."""
    name = title(job.kind)
    if job.state is JobState.NEEDS_INPUT:
        approval = job.input_request is not None and job.input_request.method is CodeMethod.APPROVAL
        return f"{'Confirm the login' if approval else 'Code wanted'} · {name}"
    ends = {JobState.COMPLETED: "Finished", JobState.FAILED: "Failed", JobState.CANCELLED: "Cancelled"}
    return f"{ends[job.state]} · {name}" if job.state in ends else name


def status(job: JobView, now: datetime) -> str:
    """The job's state, as one sentence without an error's text."""
    if job.cancel_requested and not job.ended:
        return "Stopping"
    match job.state:
        case JobState.PENDING:
            return "Queued"
        case JobState.WAITING:
            return f"Continues in {span(job.run_at - now)}" if job.run_at > now else "Continues in a moment"
        case JobState.RUNNING:
            return step(job) or "Working"
        case JobState.NEEDS_INPUT:
            return _asked(job.input_request)
        case JobState.COMPLETED:
            return "Connected" if job.kind is JobKind.LOGIN else "Finished"
        case JobState.FAILED:
            return "This did not work"
        case JobState.CANCELLED:
            return "Cancelled"
        case _:
            assert_never(job.state)


def _asked(request: InputRequest | None) -> str:
    if request is not None and request.method is CodeMethod.APPROVAL:
        return "Instagram asks you to confirm this login on your phone"
    return "Instagram asks for a security code"


def step(job: JobView) -> str | None:
    """The running step in words; None before the first."""
    name = job.progress.get("step")
    if not isinstance(name, str) or not name:
        return None
    return _STEPS.get(name, name.replace("_", " ").capitalize())


def counts(job: JobView) -> str | None:
    """The progress, such as "1,250 of 5,000 followers"; None where nothing is counted."""
    done, total, name = job.progress.get("done"), job.progress.get("total"), job.progress.get("step")
    if not isinstance(done, int) or (done == 0 and not total):
        return None
    if str(name) in _STEPS and str(name) not in _THINGS:
        return None
    one, many = _THINGS.get(str(name), ("", ""))
    if isinstance(total, int) and total > 0:
        return f"{number(done)} of {number(total)} {one if total == 1 else many}".rstrip()
    return counted(done, one, many) if one else number(done)


def time_left(job: JobView) -> str | None:
    """The estimate, such as "about 2 minutes left"; None when it cannot be known."""
    if job.eta_seconds is None:
        return None
    return "a moment left" if job.eta_seconds < 5 else f"about {span(timedelta(seconds=job.eta_seconds))} left"


def hint(job: JobView, now: datetime) -> str | None:
    """The thing to check when nothing moves; None when all is well."""
    if job.state is JobState.PENDING and now - job.created_at > _LONG_IN_LINE:
        return "No worker has taken this yet. It starts as soon as one is free; is one running (`rollcall worker`)?"
    return None


def question(asked: InputRequest) -> str:
    """The needed code and its place, with the masked number or address it went to."""
    words = _QUESTIONS[asked.method]
    if words.endswith("."):
        return words
    return f"{words} to {asked.sent_to}." if asked.sent_to else f"{words}."


def other_way(method: CodeMethod) -> str:
    """The button for getting the code another way."""
    return _OTHER_WAYS[method]
