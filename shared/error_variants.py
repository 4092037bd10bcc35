"""Sentences of errors whose code has several causes: what is stored is the code, the variant and its values."""

from collections.abc import Mapping

from shared.messages import Message

_OWN_LOGIN = Message(
    "%(platform)s ties a session to the browser that made it, and Rollcall does not pretend to be another browser. "
    "Connect by the login form instead, or in a window: `rollcall connect instagram --headed`, with "
    "BROWSER_HEADLESS=false."
)
# Code, then variant: what happened, and what to do; None leaves the next step of the code.
VARIANTS: Mapping[str, Mapping[str, tuple[str, str | None]]] = {
    "access_revoked": {
        "ended": (
            Message("Rollcall tried to renew the access that you gave to %(platform)s, and did not succeed in time."),
            None,
        ),
        "expired": (
            Message("%(platform)s gave the access for a limited time, and that time has passed."),
            None,
        ),
        "other_login": (
            Message("This token is one of Facebook Login, and only tokens of Instagram Login can be taken over."),
            Message("Connect the account on the page Connect."),
        ),
        "password": (Message("%(platform)s ended the access because the password was changed."), None),
        "removed": (Message("The app was removed in the settings of %(platform)s."), None),
    },
    "app_refused": {
        "api": (
            Message("An interface of %(platform)s is not switched on for this installation's app."),
            Message("The operator of this installation has to switch it on; docs/connect has the steps."),
        ),
        "missing": (
            Message("The worker of this installation has no app for %(platform)s."),
            Message("Its operator has to give the worker the app's id and secret; docs/connect has the steps."),
        ),
    },
    "archive_empty": {"nothing": (Message("This ZIP file is empty."), None)},
    "archive_foreign": {
        "platform": (Message("This is a data download of %(other)s, not of Instagram."), None),
        "pictures": (
            Message("This ZIP file holds pictures and videos only, not the data of an Instagram account."),
            None,
        ),
        "names": (Message("No data download of Instagram has a file with this name: %(names)s."), None),
    },
    "archive_mixed": {
        "accounts": (Message("These files are of different accounts: %(names)s."), None),
        "twice": (Message("The same part of a list is there twice, with different contents: %(names)s."), None),
        "forms": (
            Message(
                "%(words)s is there twice, as JSON and as HTML, and the two differ: the JSON names %(first)s and the "
                "HTML %(second)s, not the same ones. Upload one of them."
            ),
            None,
        ),
    },
    "archive_of_another": {
        "named": (Message("This data download is of @%(username)s, but was uploaded for @%(wanted)s."), None),
    },
    "browser_failed": {
        "start": (Message("The browser did not start."), Message("Run `rollcall doctor` on the worker's machine.")),
    },
    "browser_missing": {
        "path": (Message("BROWSER_PATH names no program: %(path)s"), None),
    },
    "budget_spent": {
        "window": (Message("Pausing to stay within the request limit."), None),
        "reserved": (Message("The other requests of today are reserved for more urgent syncs."), None),
    },
    "database": {
        "away": (Message("The database went away for a while."), Message("Rollcall continues by itself.")),
    },
    "internal": {
        "job": (Message("Rollcall had an internal error."), Message("The worker's log has it under job %(job)s.")),
    },
    "login_rejected": {
        "other_browser": (
            Message("%(platform)s refuses these cookies because another browser made their session."),
            _OWN_LOGIN,
        ),
        # A site's pages may send either to the login without saying which it is; only data calls name the browser.
        "cookies": (
            Message("%(platform)s refuses these cookies: another browser made their session, or it is over."),
            _OWN_LOGIN,
        ),
    },
    "login_throttled": {
        "budget": (
            Message("Rollcall's own limit of requests for this profile is used up for now."),
            Message("Connect again later today or tomorrow."),
        ),
    },
    "no_account_offered": {
        "channel": (
            Message("There is no YouTube channel behind this Google account."),
            Message("Make a channel on YouTube, or choose the account that has one, then connect again."),
        ),
        "page": (
            Message("There is no Facebook page behind this login."),
            Message("Allow Rollcall the page that your Instagram account is linked to, then connect again."),
        ),
        "business": (
            Message("No Instagram business or creator account is linked to your pages."),
            Message("Link it in the page's settings, then connect again."),
        ),
        "personal": (
            Message("This is a personal account, and Instagram shows those to no app."),
            Message("Change it to a creator or business account in the app, or connect it in another way."),
        ),
    },
    "nobody_answered": {
        "account": (Message("No account was chosen in time."), Message("Connect again and choose one.")),
        "absent": (Message("%(platform)s asks for you, and no one was there to answer."), Message("Connect again.")),
        "closed": (
            Message("The window was closed before you had logged in."),
            Message("Run the command again when you have the time."),
        ),
        "minutes": (
            Message("No one logged in within %(minutes)s minutes."),
            Message("Run the command again when you have the time."),
        ),
        "phone": (
            Message("No one confirmed this login on the phone in time."),
            Message(
                "Connect again and confirm it when %(platform)s asks; a confirmation that you gave late counts then."
            ),
        ),
    },
    "not_connected": {
        "deleting": (
            Message("This profile is being deleted."),
            Message("Wait until it is gone, then connect again."),
        ),
        "cooldown": (Message("This profile is in a cool-down."), Message("Its settings say why, and let you end it.")),
        "disconnected": (Message("The profile was disconnected while the login was under way."), None),
    },
    "permanent": {
        "account": (Message("This account is not being deleted."), Message("Delete it on its account page.")),
        "profile": (Message("This profile is not being deleted."), Message("Delete it in its settings.")),
        "disk_exports": (
            Message("The disk on which exports are kept is full."),
            Message("Delete exports that you do not need, or make room on the disk, then create this one again."),
        ),
        "no_key": (
            Message("The worker may not delete accounts."),
            Message("Give it SUPABASE_SECRET_KEY; the rest is done then."),
        ),
        "wrong_key": (
            Message("Supabase Auth did not let the worker delete the account."),
            Message("Check SUPABASE_SECRET_KEY; the rest is done once it is right."),
        ),
    },
    "quota_spent": {
        "app": (Message("This installation's app has used up its daily quota at %(platform)s."), None),
        "kept": (
            Message("The rest of today's quota at %(platform)s is kept for what people start themselves."),
            None,
        ),
    },
    "page_access_lost": {
        "unlinked": (
            Message("The Facebook page no longer shows this Instagram account."),
            Message("Link the account to a page of yours, then connect again."),
        ),
    },
    "permission_missing": {
        "refused": (Message("%(platform)s does not let this login read the figures of this account."), None),
    },
    "report_refused": {
        "before": (Message("It was posted before the account became a professional one."), None),
        "facebook": (Message("It was not shared to Facebook."), None),
        "viewers": (Message("Too few people have seen it for %(platform)s to give figures."), None),
    },
    "secrets_gone": {
        "password": (Message("The stored password is gone."), None),
        "form": (Message("What was entered has a form that this worker does not know."), None),
    },
    "suspended": {
        "closed": (Message("%(platform)s says that this account is closed or gone."), None),
    },
    "transient": {
        "auth_silent": (Message("Supabase Auth did not answer."), None),
        "auth_strange": (Message("Supabase Auth gave an answer that Rollcall does not understand."), None),
        "auth_status": (Message("Supabase Auth could not delete the account (status %(status)s)."), None),
    },
    "vault": {
        "session": (Message("A stored session has a form that this version does not know."), None),
    },
    "worker_lost": {
        "again": (
            Message("The worker was lost in the middle of this job again and again."),
            Message("Look at the worker's log, then start the job again."),
        ),
    },
    "wrong_account": {
        "other_username": (Message("This account is already connected, under another username."), ""),
        "other_name": (Message("This account is already connected under another name."), None),
        "not_the_same": (
            Message("Another profile of yours has this username, and you said that it is another account."),
            Message("Delete that profile, or wait until its account is renamed there; then connect again."),
        ),
        "token": (
            Message("The token opens another account than the one whose id was given."),
            Message("Give the token of that account, or leave the id out (IG_ACCOUNT_ID)."),
        ),
        "moved": (
            Message("This username now belongs to another account than the one whose history is kept here."),
            None,
        ),
    },
}
