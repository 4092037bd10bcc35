"""Every error of Rollcall, in one tree. The type says what happens next; the sentence is for the person who meets it.

RollcallError
├── ConfigError                 the process refuses to start
│   └── PortTaken
├── DatabaseError               the database is missing, unsafe or unreachable
├── InputError                  what a person entered cannot be used
├── TooManyJobs                 a person has as much work under way as one may have
├── AccountError                signing in, or what belongs to it, did not work where accounts are kept
│   ├── AccountRefused          it said no; its code says why
│   ├── AccountsAway            it does not answer
│   └── SessionOver             it has ended the session
├── VaultError                  something sealed or encrypted does not open
│   ├── SealedWrong
│   ├── SealedExpired
│   └── KeyFileError
├── JobError                    decides what becomes of a job
│   ├── Transient               try again later, backing off
│   │   ├── SiteUnreachable
│   │   ├── SiteFailed
│   │   ├── UnexpectedAnswer
│   │   ├── BrowserFailed
│   │   │   └── BrowserAway     one on another machine
│   │   └── FilesAway           the store of files does not answer
│   ├── RateLimited             wait until a time, the whole profile with it
│   │   └── BudgetSpent         Rollcall's own limit: only this job waits, unless the day is spent
│   ├── NeedsLogin              the session is over
│   │   ├── SessionDead
│   │   └── UserAgentMismatch
│   ├── Challenged              the platform wants the person
│   │   ├── CheckpointRequired
│   │   ├── CaptchaRequired, SelfieRequired, PasswordChangeRequired
│   │   ├── SuspectedAutomation, ConsentRequired
│   │   └── FeedbackRequired
│   └── Permanent               trying again would change nothing
│       ├── WrongPassword, UnknownUser, LoginRejected, LoginThrottled, WrongAccount
│       ├── Suspended, ListNotVisible, ListUnreadable, MediaGone
│       ├── NobodyAnswered, TooManyWrongCodes, ApprovalDenied
│       ├── BrowserMissing, DriverBroken, SandboxUnusable
│       ├── SecretsGone, NotConnected
│       ├── FilesRefused, FileTooLarge, ForeignFile
│       └── ArchiveRefused          a data download that was uploaded and cannot be read
│           ├── NotAnArchive, ArchiveDamaged, ArchiveEncrypted, ArchiveNested
│           ├── ArchiveTooLarge, ArchiveUnsafe
│           └── ArchiveForeign, ArchiveEmpty, ArchiveOfAnother, ArchiveMixed, ArchiveGone
└── Interrupted                 not a failure: the job stops here
    ├── LeaseLost
    ├── Cancelled
    └── Draining
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from shared.error_variants import VARIANTS


class RollcallError(Exception):
    """Base of all: `code` is stable and safe to store, `sentence` says what happened, `next_step` what to do.

    What is stored is the code with `params`; `shared/error_text.py` makes sentences of them when they are shown.
    Neither holds a secret.
    """

    code: ClassVar[str] = "error"
    sentence: str = "Something went wrong."
    next_step: str = "Try again; if it stays, look at the log."

    def __init__(self, sentence: str | None = None, *, next_step: str | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        if next_step is not None:
            self.next_step = next_step
        own = sentence is not None or next_step is not None or "code" not in type(self).__dict__
        self.params: Mapping[str, Any] = {"sentence": self.sentence, "next_step": self.next_step} if own else {}
        super().__init__(self.message)

    def as_variant(self, variant: str, **values: Any) -> Self:
        """The same error with the sentences of a variant (`shared/error_variants.py`) and the values in them."""
        sentence, next_step = VARIANTS[self.code][variant]
        self.sentence = sentence.format_map(values)
        self.next_step = type(self).next_step if next_step is None else next_step.format_map(values)
        self.params = {"variant": variant, **values}
        self.args = (self.message,)
        return self

    @property
    def message(self) -> str:
        """Both sentences, as they are stored with a job and shown on a page."""
        return f"{self.sentence} {self.next_step}".strip()


class ConfigError(RollcallError):
    code = "config"
    next_step = ""


class PortTaken(ConfigError):
    """Somebody listens there already."""

    code = "port_taken"


class DatabaseError(RollcallError):
    code = "database"
    sentence = "The database cannot be used."
    next_step = "Run `rollcall doctor` to see what is missing."


class InputError(RollcallError):
    code = "input"
    sentence = "This cannot be used."
    next_step = ""


class TooManyJobs(RollcallError):
    code = "too_many_jobs"
    sentence = "Too much of your work is waiting already."
    next_step = "Wait until some of it is done, or cancel some on the Activity page."


class AccountError(RollcallError):
    code = "account"
    sentence = "This did not work where accounts are kept."
    next_step = "Try again in a moment."


class AccountRefused(AccountError):
    """`reason` is the code of whoever refused, `place` the form's field that it is about, `wait` how long to wait."""

    code = "account_refused"

    def __init__(
        self,
        sentence: str,
        *,
        next_step: str = "",
        reason: str = "",
        place: str = "form",
        wait: timedelta | None = None,
    ) -> None:
        self.reason, self.place, self.wait = reason, place, wait
        super().__init__(sentence, next_step=next_step)


class AccountsAway(AccountError):
    code = "accounts_away"
    sentence = "The service that keeps the accounts does not answer."
    next_step = "Nothing is lost. Try again in a moment."


class SessionOver(AccountError):
    code = "session_over"
    sentence = "Your sign-in has ended."
    next_step = "Sign in again."


class VaultError(RollcallError):
    code = "vault"
    sentence = "A stored secret could not be opened."
    next_step = "Connect the account again."


class SealedWrong(VaultError):
    code = "sealed_wrong"
    sentence = "What was entered could not be opened by the worker."
    next_step = "Check that web and worker use keys of the same ring (`rollcall doctor`), then enter it again."


class SealedExpired(VaultError):
    code = "sealed_expired"
    sentence = "What was entered has waited too long and was discarded unread."
    next_step = "Enter it again."


class KeyFileError(VaultError):
    code = "key_file"
    sentence = "The key file cannot be used."
    next_step = "Restore it from your backup, or run `rollcall keys generate` and connect the accounts again."


class JobError(RollcallError):
    """What a handler may raise; the loop asks the type what becomes of the job."""

    code = "job"


class Transient(JobError):
    code = "transient"
    sentence = "A passing fault."
    next_step = "Rollcall tries again by itself."


class SiteUnreachable(Transient):
    code = "site_unreachable"
    sentence = "Instagram could not be reached."
    next_step = "Check this machine's internet connection; Rollcall tries again by itself."


class SiteFailed(Transient):
    code = "site_failed"
    sentence = "Instagram answered with a fault of its own."
    next_step = "Rollcall tries again by itself."


class UnexpectedAnswer(Transient):
    code = "unexpected_answer"
    sentence = "Instagram's answer did not have the form Rollcall knows."
    next_step = "Rollcall tries again by itself; if it stays, Instagram has changed and Rollcall needs an update."


class BrowserFailed(Transient):
    code = "browser_failed"
    sentence = "The browser stopped in the middle of the work."
    next_step = "Rollcall starts it again by itself."


class FilesAway(Transient):
    code = "files_away"
    sentence = "The store of files does not answer."
    next_step = "Nothing is lost. Try again in a moment; a job of Rollcall's does so by itself."


class BrowserAway(BrowserFailed):
    """A browser on another machine cannot be had now; `reason` and `mend` are for whoever runs Rollcall."""

    code = "browser_away"
    sentence = "The browser that Rollcall uses on another machine cannot be had."
    next_step = "Rollcall tries again by itself; whoever runs it is told the reason by `rollcall doctor`."

    def __init__(self, reason: str, mend: str) -> None:
        self.reason, self.mend = reason, mend
        super().__init__()


class RateLimited(JobError):
    """Waits until `until` (aware) and cools the whole profile down; None leaves the length to the worker's settings."""

    code = "rate_limited"
    sentence = "Instagram asks to wait before the next request."
    next_step = "This profile is in a cool-down; Rollcall continues by itself."

    def __init__(self, sentence: str | None = None, *, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(sentence)


class BudgetSpent(RateLimited):
    """Rollcall's own request budget is used up until `until`; nothing is wrong, and nobody has to be told.

    `rests_profile` says whether the profile's other kinds could not go on either: they cannot when the day is spent.
    """

    code = "budget_spent"
    sentence = "Daily request limit reached."
    next_step = "It continues by itself where it stopped, as soon as the limit allows."

    def __init__(self, sentence: str | None = None, *, until: datetime, rests_profile: bool = False) -> None:
        self.rests_profile = rests_profile
        super().__init__(sentence, until=until)


class NeedsLogin(JobError):
    code = "needs_login"
    sentence = "Instagram has ended the session."
    next_step = "Connect the account again."


class SessionDead(NeedsLogin):
    code = "session_dead"


class UserAgentMismatch(NeedsLogin):
    code = "user_agent_mismatch"
    sentence = "Instagram ended the session because the browser changed."


class Challenged(JobError):
    code = "challenged"
    sentence = "Instagram wants an answer from you before it lets Rollcall continue."
    next_step = "Open Instagram yourself, answer what it asks, then connect again."


class CheckpointRequired(Challenged):
    code = "checkpoint"
    sentence = "Instagram asks you to confirm that it is you."
    next_step = "Open Instagram in your own browser or app, answer its question, then connect again here."


class CaptchaRequired(Challenged):
    code = "captcha_required"
    sentence = "Instagram wants a captcha solved, a picture puzzle that only a person may answer."
    next_step = (
        "Log in on instagram.com in your own browser and solve it there, then connect again; "
        "or log in by hand in a window of this machine: `rollcall connect instagram --headed`."
    )


class SelfieRequired(Challenged):
    code = "selfie_required"
    sentence = "Instagram wants a photo, a video selfie or an identity document before it lets this account in."
    next_step = (
        "Open Instagram in your own app and decide there whether to send it; Rollcall never sends one. "
        "When Instagram lets you in again, connect again."
    )


class PasswordChangeRequired(Challenged):
    code = "password_change_required"
    sentence = "Instagram wants a new password for this account before it lets anybody in."
    next_step = "Set it on instagram.com or in your own app, then connect again with the new password."


class SuspectedAutomation(Challenged):
    """The platform's warning before it acts; only the person may dismiss it, and only in the platform's own app."""

    code = "suspected_automation"
    sentence = (
        "Instagram suspects that a machine uses this account. It is a warning: nothing is blocked yet, "
        "but continuing as before may lead to limits or to the loss of the account."
    )
    next_step = (
        "Rollcall has not answered it, and this profile is in a cool-down for several days. Open Instagram's own app, "
        "read the warning there and decide whether Rollcall should continue; a data download is the safest way in."
    )


class ConsentRequired(Challenged):
    code = "consent_required"
    sentence = "Instagram wants your consent to its terms or to how it uses your data."
    next_step = (
        "Read it in Instagram's own app or site and decide there; Rollcall never agrees for you. Then connect again."
    )


class FeedbackRequired(Challenged):
    code = "feedback_required"
    sentence = "Instagram has limited this account for a while because of unusual activity."
    next_step = "Leave the account alone for a day, look into the Instagram app for a message, then connect again."


class Permanent(JobError):
    code = "permanent"
    next_step = ""


class WrongPassword(Permanent):
    code = "wrong_password"
    sentence = "Instagram says that the password is wrong."
    next_step = "Check it on instagram.com, then connect again."


class UnknownUser(Permanent):
    code = "unknown_user"
    sentence = "Instagram knows no account with this username."
    next_step = "Check the spelling (the name after instagram.com/), then connect again."


class LoginRejected(Permanent):
    code = "login_rejected"
    sentence = "Instagram refused the login without giving a reason."
    next_step = "Log in once on instagram.com in your own browser, then connect again."


class LoginThrottled(Permanent):
    """A login cannot wait as a sync does: what was entered for it does not outlive a few minutes."""

    code = "login_throttled"
    sentence = "Instagram asks to wait before it lets anybody log in from here again."
    next_step = "Wait an hour, then connect again; more attempts make the wait longer."


class WrongAccount(Permanent):
    code = "wrong_account"
    sentence = "The login led to another account than the one asked for."
    next_step = "Connect with the username of the account itself."


class Suspended(Permanent):
    code = "suspended"
    sentence = "Instagram has suspended this account."
    next_step = "Open Instagram and follow its appeal; Rollcall cannot help here."


class ListNotVisible(Permanent):
    code = "list_not_visible"
    sentence = "Instagram does not show this list to the account that is connected."
    next_step = "Connect with the account whose list it is."


class MediaGone(Permanent):
    code = "media_gone"
    sentence = "Instagram has this post no longer."


class ListUnreadable(Permanent):
    code = "list_unreadable"
    sentence = "Instagram changed how it shows this list, and no way in which Rollcall reads it works now."
    next_step = (
        "The list stays as it was. Rollcall tries each way again by itself; if none works again, it needs an update."
    )


class NobodyAnswered(Permanent):
    code = "nobody_answered"
    sentence = "Nobody entered the security code in time."
    next_step = "Connect again and keep the code at hand."


class TooManyWrongCodes(Permanent):
    code = "too_many_wrong_codes"
    sentence = "The security code was wrong too often."
    next_step = "Wait a few minutes, then connect again with a fresh code."


class ApprovalDenied(Permanent):
    code = "approval_denied"
    sentence = "This login was refused on your phone."
    next_step = (
        "If that was you by mistake, connect again and confirm it. "
        "If you had not asked for this login, change your Instagram password."
    )


class BrowserMissing(Permanent):
    code = "browser_missing"
    sentence = "No browser was found on the worker's machine."
    next_step = (
        "Run `playwright install chromium`, or install your system's chromium package, "
        "or set BROWSER_PATH to a Chromium or Chrome, then connect again."
    )


class DriverBroken(BrowserMissing):
    """What drives the browser does not run; `said` is its own sentence."""

    next_step = "Install what it names (on Debian: `apt-get install libatomic1`), then connect again."

    def __init__(self, said: str) -> None:
        super().__init__(f"What drives the browser does not run on the worker's machine: {said}")


class SandboxUnusable(BrowserMissing):
    sentence = "The browser did not start, because its own sandbox does not work on the worker's machine."
    next_step = (
        "Allow unprivileged user namespaces there, or, in a container that shuts the browser in by itself, set "
        "BROWSER_SANDBOX=false. Then connect again."
    )


class SecretsGone(Permanent):
    code = "secrets_gone"
    sentence = "What this login needs was already erased."
    next_step = "Connect again."


class NotConnected(Permanent):
    code = "not_connected"
    sentence = "This profile has no working connection."
    next_step = "Connect the account again."


class FilesRefused(Permanent):
    code = "files_refused"
    sentence = "The store of files refuses this installation."
    next_step = "Run `rollcall doctor --hosted`: a key is wrong, or a bucket or its policies are missing."


class ForeignFile(Permanent):
    code = "foreign_file"
    sentence = "A file of this job does not lie in its person's own folder, so it was not opened."
    next_step = "Start the work again from its page. If it stays, look at who may write to the database."


class FileTooLarge(Permanent):
    code = "file_too_large"
    sentence = "The file is larger than the store of files takes."
    next_step = "Whoever runs this installation can raise the limit in the Supabase project's Storage settings."


_ASK_FOR_DOWNLOAD = (
    "Ask for it in Instagram's Accounts Center under Your information and permissions, Export your information: "
    "format JSON, date range All time, Followers and following. Then upload that file."
)


class ArchiveRefused(Permanent):
    """A data download that was uploaded and is not read. Nothing of it is stored, and what was read before stays."""

    code = "archive_refused"
    sentence = "This data download cannot be read."
    next_step = _ASK_FOR_DOWNLOAD


class NotAnArchive(ArchiveRefused):
    code = "not_an_archive"
    sentence = "This is not a ZIP file."
    next_step = "Upload the file as Instagram gave it to you; its name ends in .zip. Do not unpack it first."


class ArchiveDamaged(ArchiveRefused):
    code = "archive_damaged"
    sentence = "The file is damaged or was not downloaded to its end."
    next_step = "Download it again from Instagram, then upload it again."


class ArchiveEncrypted(ArchiveRefused):
    code = "archive_encrypted"
    sentence = "The ZIP file is protected by a password; Instagram's own are not."
    next_step = "Upload the file as Instagram gave it to you."


class ArchiveNested(ArchiveRefused):
    code = "archive_nested"
    sentence = "This ZIP file holds other ZIP files, and no lists of its own."
    next_step = "Unpack it once and upload the files inside it; you can upload all parts of one data download together."


class ArchiveTooLarge(ArchiveRefused):
    code = "archive_too_large"
    sentence = "The file is too large for a data download, or unpacks to too much."
    next_step = _ASK_FOR_DOWNLOAD


class ArchiveUnsafe(ArchiveRefused):
    code = "archive_unsafe"
    sentence = "The file holds entries that no data download of Instagram has, so nothing was unpacked."
    next_step = "Upload the file as Instagram gave it to you, not one that was packed again."


class ArchiveForeign(ArchiveRefused):
    code = "archive_foreign"
    sentence = "This is not a data download of Instagram."


class ArchiveEmpty(ArchiveRefused):
    code = "archive_empty"
    sentence = "This data download holds neither followers nor anything else that Rollcall reads."


class ArchiveOfAnother(ArchiveRefused):
    code = "archive_of_another"
    sentence = "This data download belongs to another account than the one you uploaded it for."
    next_step = "Upload it under the username of its own account."


class ArchiveMixed(ArchiveRefused):
    """Files that belong to two accounts or two days are never read as one list."""

    code = "archive_mixed"
    sentence = "These files are not the parts of one data download."
    next_step = "Upload each data download alone, with all of its own parts and nothing else."


class ArchiveGone(ArchiveRefused):
    code = "archive_gone"
    sentence = "The uploaded file is no longer there."
    next_step = "Upload it again."


class Interrupted(RollcallError):
    """Not a failure: somebody else decides what becomes of the job."""

    code = "interrupted"
    next_step = ""


class LeaseLost(Interrupted):
    code = "lease_lost"
    sentence = "Another worker has taken over this job."


class Cancelled(Interrupted):
    code = "cancelled"
    sentence = "Cancelled."


class Draining(Interrupted):
    code = "draining"
    sentence = "The worker is shutting down; the job continues later where it stopped."
