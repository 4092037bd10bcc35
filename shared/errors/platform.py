"""Errors of a platform's site: its answers, limits, sessions and questions."""

from datetime import datetime

from shared.errors.effect import CooldownEffect, Effect, JobEffect, SessionEffect
from shared.errors.tree import JobError, Permanent, Transient
from shared.messages import Message


class SiteUnreachable(Transient):
    code = "site_unreachable"
    sentence = Message("%(platform)s could not be reached.")
    next_step = Message("Check this machine's internet connection; Rollcall tries again by itself.")


class SiteFailed(Transient):
    code = "site_failed"
    sentence = Message("%(platform)s had an internal error.")
    next_step = Message("Rollcall tries again by itself.")


class UnexpectedAnswer(Transient):
    code = "unexpected_answer"
    sentence = Message("%(platform)s's answer did not have the form Rollcall knows.")
    next_step = Message(
        "Rollcall tries again by itself; if it stays, %(platform)s has changed and Rollcall needs an update."
    )
    effect = Effect(JobEffect.RETRY, of_one_list=True)


class RateLimited(JobError):
    """Waits until `until` (aware) and cools the whole profile down; None leaves the length to the worker's settings."""

    code = "rate_limited"
    sentence = Message("%(platform)s asks to wait before the next request.")
    next_step = Message("This profile is in a cool-down; Rollcall continues by itself.")
    effect = Effect(JobEffect.WAIT, CooldownEffect.GROWING, SessionEffect.LIMITED)
    cooldown_reason = Message("%(platform)s asked to wait.")

    def __init__(self, sentence: str | None = None, *, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(sentence)


class BudgetSpent(RateLimited):
    """Rollcall's own request budget is used up until `until`; nothing is wrong, and no alert is raised.

    `day_over` says whether the profile's other kinds have to stop, too: they have to once the day's budget is used
    up.
    """

    code = "budget_spent"
    sentence = Message("Daily request limit reached.")
    next_step = Message("It continues by itself where it stopped, as soon as the limit allows.")
    effect = Effect(JobEffect.WAIT)
    cooldown_reason = Message("Daily request limit reached. It is Rollcall's own limit; nothing is wrong.")

    def __init__(self, sentence: str | None = None, *, until: datetime, day_over: bool = False) -> None:
        if day_over:
            self.effect = Effect(JobEffect.WAIT, CooldownEffect.OWN_LIMIT)
        super().__init__(sentence, until=until)


class NeedsLogin(JobError):
    code = "needs_login"
    sentence = Message("%(platform)s has ended the session.")
    next_step = Message("Connect the account again.")
    effect = Effect(session=SessionEffect.OVER)


class SessionDead(NeedsLogin):
    code = "session_dead"


class UserAgentMismatch(NeedsLogin):
    code = "user_agent_mismatch"
    sentence = Message("%(platform)s ended the session because the browser changed.")


class Challenged(JobError):
    code = "challenged"
    sentence = Message("%(platform)s needs you to confirm something before syncing can continue.")
    next_step = Message("Open %(platform)s yourself, answer what it asks, then connect again.")
    effect = Effect(cooldown=CooldownEffect.UNTIL_ANSWERED, session=SessionEffect.QUESTIONED)
    cooldown_reason = Message("%(platform)s asked a question.")


class CheckpointRequired(Challenged):
    code = "checkpoint"
    sentence = Message("%(platform)s asks you to confirm that it is you.")
    next_step = Message("Open %(platform)s in your own browser or app, answer its question, then connect again here.")


class CaptchaRequired(Challenged):
    code = "captcha_required"
    sentence = Message("%(platform)s asks for a captcha, which only a person may solve.")
    next_step = Message(
        "Log in at %(platform)s in your own browser and solve it there, then connect again; "
        "or log in by hand in a window of this machine: `rollcall connect` with `--headed`."
    )


class SelfieRequired(Challenged):
    code = "selfie_required"
    sentence = Message(
        "%(platform)s wants a photo, a video selfie or an identity document before it lets this account in."
    )
    next_step = Message(
        "Open %(platform)s in your own app and decide there whether to send it; Rollcall never sends one. "
        "When %(platform)s lets you in again, connect again."
    )


class PasswordChangeRequired(Challenged):
    code = "password_change_required"
    sentence = Message("%(platform)s requires a new password for this account.")
    next_step = Message("Set it at %(platform)s or in its app, then connect again with the new password.")


class SuspectedAutomation(Challenged):
    """The platform's warning before it acts; only the person can dismiss it, and only in the platform's own app."""

    code = "suspected_automation"
    sentence = Message(
        "%(platform)s suspects that a machine uses this account. It is a warning: nothing is blocked yet, "
        "but continuing as before may lead to limits or to the loss of the account."
    )
    next_step = Message(
        "Rollcall has not answered it, and this profile is in a cool-down for several days. Open %(platform)s's own "
        "app, read the warning there and decide whether Rollcall should continue; a data download is the safest way in."
    )
    effect = Effect(cooldown=CooldownEffect.DAYS, session=SessionEffect.WARNED)
    cooldown_reason = Message("%(platform)s suspects that a machine uses this account.")


class ConsentRequired(Challenged):
    code = "consent_required"
    sentence = Message("%(platform)s wants your consent to its terms or to how it uses your data.")
    next_step = Message(
        "Read it in %(platform)s's own app or site and decide there; Rollcall never agrees for you. Then connect again."
    )


class FeedbackRequired(Challenged):
    code = "feedback_required"
    sentence = Message("%(platform)s has limited this account for a while because of unusual activity.")
    next_step = Message(
        "Leave the account alone for a day, look into the %(platform)s app for a message, then connect again."
    )
    effect = Effect(cooldown=CooldownEffect.LONGEST, session=SessionEffect.QUESTIONED)
    cooldown_reason = Message("%(platform)s has limited this account for a while because of unusual activity.")


class Suspended(Permanent):
    code = "suspended"
    sentence = Message("%(platform)s has suspended this account.")
    next_step = Message("Open %(platform)s and follow its appeal; Rollcall cannot help here.")
    effect = Effect(session=SessionEffect.QUESTIONED)


class ListNotVisible(Permanent):
    code = "list_not_visible"
    sentence = Message("%(platform)s does not show this list to the account that is connected.")
    next_step = Message("Connect with the account whose list it is.")
    effect = Effect(of_one_list=True)


class MediaGone(Permanent):
    code = "media_gone"
    sentence = Message("This post no longer exists on %(platform)s.")


class ListUnreadable(Permanent):
    code = "list_unreadable"
    sentence = Message("%(platform)s changed how it shows this list, and Rollcall can no longer read it.")
    next_step = Message(
        "The list stays as it was. Rollcall tries each way again by itself; if none works again, it needs an update."
    )
    effect = Effect(of_one_list=True)
