"""Every error of Rollcall, in one tree. `effect` says what happens next; the sentence is for the person who meets it.

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
│   │   ├── Throttled           too many calls in a short time
│   │   ├── StaleCursor         a list is read from its beginning
│   │   ├── BrowserFailed
│   │   │   └── BrowserAway     one on another machine
│   │   └── FilesAway           the store of files does not answer
│   ├── RateLimited             wait until a time, the whole profile with it
│   │   ├── BudgetSpent         Rollcall's own limit: only this job waits, unless the day is spent
│   │   └── QuotaSpent          the app's quota for a day: this job waits
│   ├── NeedsLogin              the session is over
│   │   ├── SessionDead
│   │   ├── AccessRevoked       the tokens of an official way in
│   │   ├── PageAccessLost      the page by which an account is read
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
│       ├── CodeUsed, AppRefused, NoAccountOffered, ScopesMissing
│       ├── PermissionMissing, ReportRefused
│       ├── BrowserMissing
│       │   └── DriverBroken, SandboxUnusable
│       ├── SecretsGone, NotConnected, NotOffered
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

from shared.errors.browser import BrowserAway, BrowserFailed, BrowserMissing, DriverBroken, SandboxUnusable
from shared.errors.files import FilesAway, FilesRefused, FileTooLarge, ForeignFile
from shared.errors.identity import AccountError, AccountRefused, AccountsAway, SessionOver
from shared.errors.imports import (
    ArchiveDamaged,
    ArchiveEmpty,
    ArchiveEncrypted,
    ArchiveForeign,
    ArchiveGone,
    ArchiveMixed,
    ArchiveNested,
    ArchiveOfAnother,
    ArchiveRefused,
    ArchiveTooLarge,
    ArchiveUnsafe,
    NotAnArchive,
)
from shared.errors.login import (
    ApprovalDenied,
    LoginRejected,
    LoginThrottled,
    NobodyAnswered,
    NotConnected,
    NotOffered,
    TooManyWrongCodes,
    UnknownUser,
    WrongAccount,
    WrongPassword,
)
from shared.errors.oauth import AppRefused, CodeUsed, NoAccountOffered, ScopesMissing
from shared.errors.official import (
    AccessRevoked,
    PageAccessLost,
    PermissionMissing,
    QuotaSpent,
    ReportRefused,
    StaleCursor,
    Throttled,
)
from shared.errors.platform import (
    BudgetSpent,
    CaptchaRequired,
    Challenged,
    CheckpointRequired,
    ConsentRequired,
    FeedbackRequired,
    ListNotVisible,
    ListUnreadable,
    MediaGone,
    NeedsLogin,
    PasswordChangeRequired,
    RateLimited,
    SelfieRequired,
    SessionDead,
    SiteFailed,
    SiteUnreachable,
    SuspectedAutomation,
    Suspended,
    UnexpectedAnswer,
    UserAgentMismatch,
)
from shared.errors.tree import (
    Cancelled,
    ConfigError,
    DatabaseError,
    Draining,
    InputError,
    Interrupted,
    JobError,
    LeaseLost,
    Permanent,
    PortTaken,
    RollcallError,
    TooManyJobs,
    Transient,
    kinds,
    with_code,
)
from shared.errors.vault import KeyFileError, SealedExpired, SealedWrong, SecretsGone, VaultError

__all__ = [
    "AccessRevoked",
    "AccountError",
    "AccountRefused",
    "AccountsAway",
    "AppRefused",
    "ApprovalDenied",
    "ArchiveDamaged",
    "ArchiveEmpty",
    "ArchiveEncrypted",
    "ArchiveForeign",
    "ArchiveGone",
    "ArchiveMixed",
    "ArchiveNested",
    "ArchiveOfAnother",
    "ArchiveRefused",
    "ArchiveTooLarge",
    "ArchiveUnsafe",
    "BrowserAway",
    "BrowserFailed",
    "BrowserMissing",
    "BudgetSpent",
    "Cancelled",
    "CaptchaRequired",
    "Challenged",
    "CheckpointRequired",
    "CodeUsed",
    "ConfigError",
    "ConsentRequired",
    "DatabaseError",
    "Draining",
    "DriverBroken",
    "FeedbackRequired",
    "FileTooLarge",
    "FilesAway",
    "FilesRefused",
    "ForeignFile",
    "InputError",
    "Interrupted",
    "JobError",
    "KeyFileError",
    "LeaseLost",
    "ListNotVisible",
    "ListUnreadable",
    "LoginRejected",
    "LoginThrottled",
    "MediaGone",
    "NeedsLogin",
    "NoAccountOffered",
    "NobodyAnswered",
    "NotAnArchive",
    "NotConnected",
    "NotOffered",
    "PageAccessLost",
    "PasswordChangeRequired",
    "Permanent",
    "PermissionMissing",
    "PortTaken",
    "QuotaSpent",
    "RateLimited",
    "ReportRefused",
    "RollcallError",
    "SandboxUnusable",
    "ScopesMissing",
    "SealedExpired",
    "SealedWrong",
    "SecretsGone",
    "SelfieRequired",
    "SessionDead",
    "SessionOver",
    "SiteFailed",
    "SiteUnreachable",
    "StaleCursor",
    "SuspectedAutomation",
    "Suspended",
    "Throttled",
    "TooManyJobs",
    "TooManyWrongCodes",
    "Transient",
    "UnexpectedAnswer",
    "UnknownUser",
    "UserAgentMismatch",
    "VaultError",
    "WrongAccount",
    "WrongPassword",
    "kinds",
    "with_code",
]
