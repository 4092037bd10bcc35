"""Sentences of errors whose code has several causes: what is stored is the code, the variant and its values."""

from collections.abc import Mapping

# Code, then variant: what happened, and what to do; None leaves the next step of the code.
VARIANTS: Mapping[str, Mapping[str, tuple[str, str | None]]] = {
    "archive_empty": {"nothing": ("This ZIP file is empty.", None)},
    "archive_foreign": {
        "platform": ("This is a data download of {platform}, not of Instagram.", None),
        "pictures": ("This ZIP file holds pictures and videos only, not the data of an Instagram account.", None),
        "names": ("No data download of Instagram has a file with this name: {names}.", None),
    },
    "archive_mixed": {
        "accounts": ("These files are of different accounts: {names}.", None),
        "twice": ("The same part of a list is there twice, with different contents: {names}.", None),
        "forms": (
            "{words} is there twice, as JSON and as HTML, and the two differ: the JSON names {first} and the HTML "
            "{second}, not the same ones. Upload one of them.",
            None,
        ),
    },
    "archive_of_another": {
        "named": ("This data download is of @{username}, but was uploaded for @{wanted}.", None),
    },
    "browser_failed": {
        "start": ("The browser did not start.", "Run `rollcall doctor` on the worker's machine."),
    },
    "browser_missing": {
        "path": ("BROWSER_PATH names no program: {path}", None),
    },
    "budget_spent": {
        "window": ("Pausing to stay within the request limit.", None),
        "reserved": ("The other requests of today are reserved for more urgent syncs.", None),
    },
    "database": {
        "away": ("The database went away for a while.", "Rollcall continues by itself."),
    },
    "internal": {
        "job": ("Rollcall met a fault of its own.", "The worker's log has it under job {job}."),
    },
    "login_throttled": {
        "budget": (
            "Rollcall's own limit of requests for this profile is used up for now.",
            "Connect again later today or tomorrow.",
        ),
    },
    "nobody_answered": {
        "absent": ("Instagram asks for you, and nobody was there to answer.", "Connect again."),
        "closed": (
            "The window was closed before Instagram was logged in.",
            "Run the command again when you have the time.",
        ),
        "minutes": ("Nobody logged in within {minutes} minutes.", "Run the command again when you have the time."),
        "phone": (
            "Nobody confirmed this login on the phone in time.",
            "Connect again and confirm it when Instagram asks; a confirmation that you gave late counts then.",
        ),
    },
    "not_connected": {
        "cooldown": ("This profile is in a cool-down.", "Its settings say why, and let you end it."),
        "disconnected": ("The profile was disconnected while the login was under way.", None),
    },
    "permanent": {
        "account": ("This account is not being deleted.", "Delete it on its account page."),
        "profile": ("This profile is not being deleted.", "Delete it in its settings."),
        "disk_files": (
            "The disk on which files are kept is full.",
            "Delete exports that you do not need, or make room on the disk, then ask for the file again.",
        ),
        "disk_exports": (
            "The disk on which exports are kept is full.",
            "Delete exports that you do not need, or make room on the disk, then create this one again.",
        ),
        "no_key": ("The worker may not delete accounts.", "Give it SUPABASE_SECRET_KEY; the rest is done then."),
        "wrong_key": (
            "Supabase Auth did not let the worker delete the account.",
            "Check SUPABASE_SECRET_KEY; the rest is done once it is right.",
        ),
    },
    "secrets_gone": {
        "password": ("The stored password is gone.", None),
        "form": ("What was entered has a form that this worker does not know.", None),
    },
    "transient": {
        "auth_silent": ("Supabase Auth did not answer.", None),
        "auth_strange": ("Supabase Auth gave an answer that Rollcall does not understand.", None),
        "auth_status": ("Supabase Auth could not delete the account (status {status}).", None),
    },
    "vault": {
        "session": ("A stored session has a form that this version does not know.", None),
    },
    "worker_lost": {
        "again": (
            "The worker was lost in the middle of this job again and again.",
            "Look at the worker's log, then start the job again.",
        ),
    },
    "wrong_account": {
        "other_username": ("This account is already connected, under another username.", ""),
        "other_name": ("This account is already connected under another name.", None),
        "moved": ("This username now belongs to another account than the one whose history is kept here.", None),
    },
}
