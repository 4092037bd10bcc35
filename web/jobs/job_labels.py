"""The name and state of a job in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import assert_never

from shared.domain.job_kinds import JOB_KINDS
from shared.domain.jobs import CodeMethod, InputRequest, JobKind, JobState
from shared.messages import Message, about, plural
from shared.platforms import label_of
from shared.store.queue.jobs import JobView
from web.text.content import words_of
from web.text.values import number, span
from web.translation import _, ngettext, translate

_STEPS = {
    "login": Message("Logging in"),
    "consent": Message("Asking which account the consent is for"),
    "account": Message("Connecting the account that you chose"),
    "access": Message("Renewing the access"),
    "connected": Message("Connected"),
    "renewed": Message("Connected again: this account was connected already, and its history continues"),
    "code": Message("Checking the security code"),
    "profile": Message("Syncing the profile"),
    "followers": Message("Syncing followers"),
    "follower": Message("Syncing followers"),
    "following": Message("Syncing accounts followed"),
    "posts": Message("Syncing posts"),
    "reels": Message("Syncing reels"),
    "media": Message("Syncing posts and reels"),
    "stories": Message("Syncing stories"),
    "likers": Message("Syncing likers of recent posts"),
    "look_up": Message("Checking accounts that left"),
    "session": Message("Checking the session"),
    "import": Message("Importing the data download"),
    "publish": Message("Comparing with the last sync"),
    "derive": Message("Calculating the figures"),
    "write": Message("Writing the file"),
    "delete": Message("Deleting"),
}
_Forms = tuple[str, str]
_FOLLOWERS = (
    plural("%(num)s follower", "%(num)s followers"),
    plural("%(done)s of %(num)s follower", "%(done)s of %(num)s followers"),
)
_ROWS = plural("%(num)s row", "%(num)s rows"), plural("%(done)s of %(num)s row", "%(done)s of %(num)s rows")
_THINGS: dict[str, tuple[_Forms, _Forms]] = {
    "follower": _FOLLOWERS,
    "followers": _FOLLOWERS,
    "following": (
        plural("%(num)s account followed", "%(num)s accounts followed"),
        plural("%(done)s of %(num)s account followed", "%(done)s of %(num)s accounts followed"),
    ),
    "posts": (
        plural("%(num)s post", "%(num)s posts"),
        plural("%(done)s of %(num)s post", "%(done)s of %(num)s posts"),
    ),
    "reels": (
        plural("%(num)s reel", "%(num)s reels"),
        plural("%(done)s of %(num)s reel", "%(done)s of %(num)s reels"),
    ),
    "media": (
        plural("%(num)s post or reel", "%(num)s posts and reels"),
        plural("%(done)s of %(num)s post or reel", "%(done)s of %(num)s posts and reels"),
    ),
    "write": _ROWS,
    "delete": _ROWS,
}
"""How far a step is, without and with a total."""
_QUESTIONS = {
    CodeMethod.TOTP: Message("Enter the code that your authenticator app shows for %(platform)s now."),
    CodeMethod.SMS: Message("%(platform)s sent the code by text message."),
    CodeMethod.WHATSAPP: Message("%(platform)s sent the code by WhatsApp."),
    CodeMethod.EMAIL: Message("%(platform)s sent the code by e-mail."),
    CodeMethod.APPROVAL: Message(
        "Open %(platform)s on your phone, where you are logged in, and confirm that this login is yours. "
        "The login here then continues by itself."
    ),
    CodeMethod.BACKUP: Message("Enter one of your %(platform)s backup codes (8 digits). Each works once."),
    CodeMethod.ACCOUNT: Message("Choose the %(platform)s account that Rollcall connects."),
    CodeMethod.SAME_ACCOUNT: Message(
        "You follow up a profile of this name already. %(platform)s names accounts by other ids here, so Rollcall "
        "cannot tell whether it is the same account. If it is, both ways in are one profile from now on."
    ),
}
_SENT_TO: dict[CodeMethod, Callable[[str], Message]] = {
    CodeMethod.SMS: lambda place: Message("%(platform)s sent the code by text message to %(place)s.", place=place),
    CodeMethod.WHATSAPP: lambda place: Message("%(platform)s sent the code by WhatsApp to %(place)s.", place=place),
    CodeMethod.EMAIL: lambda place: Message("%(platform)s sent the code by e-mail to %(place)s.", place=place),
}
_OTHER_WAYS = {
    CodeMethod.TOTP: Message("Use the authenticator app"),
    CodeMethod.SMS: Message("Send it by text message"),
    CodeMethod.WHATSAPP: Message("Send it by WhatsApp"),
    CodeMethod.EMAIL: Message("Send it by e-mail"),
    CodeMethod.BACKUP: Message("Use a backup code"),
    CodeMethod.APPROVAL: Message("Confirm it on your phone"),
    CodeMethod.ACCOUNT: Message("Choose another account"),
    CodeMethod.SAME_ACCOUNT: Message("Say whether it is the same account"),
}
_CODE_NEEDED, _ASKS_CODE = Message("Code needed"), Message("%(platform)s asks for a security code")
_NEEDS: dict[CodeMethod | None, Message] = {
    CodeMethod.APPROVAL: Message("Confirm the login"),
    CodeMethod.ACCOUNT: Message("Choose an account"),
    CodeMethod.SAME_ACCOUNT: Message("Say whether it is the same account"),
}
_ASKS: dict[CodeMethod | None, Message] = {
    CodeMethod.APPROVAL: Message("%(platform)s asks you to confirm this login on your phone"),
    CodeMethod.ACCOUNT: Message("There are several accounts: choose the one to connect"),
    CodeMethod.SAME_ACCOUNT: Message("A profile has this name already: say whether it is the same account"),
}
_CONNECTED, _FINISHED = Message("Connected"), Message("Finished")
_LONG_IN_LINE = timedelta(seconds=20)


def title(kind: JobKind, platform: str | None = None) -> str:
    """Returns the job's activity: "Syncing followers"; what is posted has the platform's own words."""
    if kind is JobKind.SYNC_MEDIA and platform:
        return _(words_of(platform).sync)
    return translate(JOB_KINDS[kind].title)


def page_title(job: JobView) -> str:
    """The title of the job's page, which begins with a needed code or the end of the work."""
    name = title(job.kind, job.platform)
    if job.state is JobState.NEEDS_INPUT:
        return f"{_(_NEEDS.get(_method(job), _CODE_NEEDED))} · {name}"
    ends = {JobState.COMPLETED: _("Finished"), JobState.FAILED: _("Failed"), JobState.CANCELLED: _("Cancelled")}
    return f"{ends[job.state]} · {name}" if job.state in ends else name


def status(job: JobView, now: datetime) -> str:
    """The job's state, as one sentence without an error's text."""
    if job.cancel_requested and not job.ended:
        return _("Stopping")
    match job.state:
        case JobState.PENDING:
            return _("Queued")
        case JobState.WAITING:
            if job.run_at > now:
                return _("Continues in %(length)s", length=span(job.run_at - now))
            return _("Continues in a moment")
        case JobState.RUNNING:
            return step(job) or _("Running")
        case JobState.NEEDS_INPUT:
            return _asked(job)
        case JobState.COMPLETED:
            return _(_completed(job))
        case JobState.FAILED:
            return _("Failed")
        case JobState.CANCELLED:
            return _("Cancelled")
        case _:
            assert_never(job.state)


def name_platform(job: JobView, text: Message) -> str:
    """The text in the reader's language, with the name of the platform that the job's profile is of."""
    return translate(about(text, label_of(job.platform)) if job.platform else text)


def _asked(job: JobView) -> str:
    return name_platform(job, _ASKS.get(_method(job), _ASKS_CODE))


def _method(job: JobView) -> CodeMethod | None:
    return None if job.input_request is None else job.input_request.method


def _completed(job: JobView) -> str:
    match job.kind:
        case JobKind.LOGIN:
            return _CONNECTED
        case JobKind.CONNECT:
            return _STEPS.get(str(job.progress.get("step")), _CONNECTED)
        case _:
            return _FINISHED


def step(job: JobView) -> str | None:
    """The running step in words; None before the first."""
    name = job.progress.get("step")
    if not isinstance(name, str) or not name:
        return None
    if name == "media" and job.platform:
        return _(words_of(job.platform).sync)
    return _(_STEPS[name]) if name in _STEPS else name.replace("_", " ").capitalize()


def counts(job: JobView) -> str | None:
    """The progress, such as "1,250 of 5,000 followers"; None where nothing is counted."""
    done, total, name = job.progress.get("done"), job.progress.get("total"), job.progress.get("step")
    if not isinstance(done, int) or (done == 0 and not total):
        return None
    if str(name) in _STEPS and str(name) not in _THINGS:
        return None
    forms = _things(job, str(name))
    if isinstance(total, int) and total > 0:
        if forms is None:
            return _("%(done)s of %(total)s", done=number(done), total=number(total))
        return ngettext(*forms[1], total, done=number(done))
    return number(done) if forms is None else ngettext(*forms[0], done)


def _things(job: JobView, name: str) -> tuple[_Forms, _Forms] | None:
    if name == "media" and job.platform:
        words = words_of(job.platform)
        return words.number, words.number_of
    return _THINGS.get(name)


def time_left(job: JobView) -> str | None:
    """The estimate, such as "about 2 minutes left"; None when it cannot be known."""
    if job.eta_seconds is None:
        return None
    if job.eta_seconds < 5:
        return _("a moment left")
    return _("about %(length)s left", length=span(timedelta(seconds=job.eta_seconds)))


def hint(job: JobView, now: datetime) -> str | None:
    """The thing to check when nothing moves; None when all is well."""
    if job.state is JobState.PENDING and now - job.created_at > _LONG_IN_LINE:
        return _(
            "No worker has started this yet. Is one running (`rollcall worker`)? It starts as soon as one is free."
        )
    return None


def question(job: JobView, asked: InputRequest) -> str:
    """The needed code and its place, with the masked number or address it went to."""
    if asked.sent_to and asked.method in _SENT_TO:
        return name_platform(job, _SENT_TO[asked.method](asked.sent_to))
    return name_platform(job, _QUESTIONS[asked.method])


def other_way(method: CodeMethod) -> str:
    """The button for getting the code another way."""
    return _(_OTHER_WAYS[method])
