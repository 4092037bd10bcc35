"""The matrix rows of faults of processes and machine; `machine.SCENARIOS` has a scenario for each."""

from shared.domain.jobs import JobKind
from tests.reliability.rows import Row

_GOES_ON = "Another worker takes the job over when its lease has run out and continues at its cursor"
_NOTHING = "Nothing: the sync comes to its end, a little later."
_ATTEMPT = "Nothing in the way of a warning; the activity page shows that an attempt was lost and another finished it."

WORKER = (
    Row(
        "killed-before-the-claim",
        "The worker is killed (SIGKILL) before it claims the job.",
        "The job waits in the table; the next worker claims it.",
        _NOTHING,
    ),
    Row(
        "killed-after-the-claim",
        "The worker is killed right after it claimed the job.",
        f"{_GOES_ON}; here that is the beginning.",
        _ATTEMPT,
        most_requests=40,
    ),
    Row(
        "killed-in-the-middle",
        "The worker is killed in the middle of a walk.",
        f"{_GOES_ON}: each page was committed together with the cursor behind it.",
        _ATTEMPT,
        most_requests=40,
    ),
    Row(
        "killed-before-publishing",
        "The worker is killed while it publishes the list.",
        "The publication is one transaction, so nothing of it is there; the worker that takes the job over publishes.",
        _ATTEMPT,
        most_requests=40,
    ),
    Row(
        "killed-after-publishing",
        "The worker is killed when the list is published and the job is not yet ended.",
        "The job is taken over and reads the list once more; what is the same is not counted again.",
        _ATTEMPT,
        most_requests=60,
    ),
    Row(
        "killed-while-it-asks",
        "The worker is killed while a login waits for the person's code.",
        "The login is taken over, begins again and asks again; what was sealed for it is still there.",
        "The question for the code once more.",
        work=JobKind.LOGIN,
        verdict=None,
        most_requests=60,
    ),
    Row(
        "two-workers",
        "A worker freezes, loses its lease to another on the same profile, and wakes.",
        "Every write carries the job's fence, so the first one can change nothing more and lets go.",
        _ATTEMPT,
        most_requests=60,
    ),
    Row(
        "two-hundred-jobs",
        "Two hundred syncs follow each other.",
        "In the second hundred the processes stay as many, and between two browsers their memory does not grow (5 %).",
        "Nothing: the syncs come to their end.",
        most_requests=3000,
    ),
)
DATABASE = (
    Row(
        "connections-cut",
        "The worker's connections to the database are cut.",
        "The statement that was under way is tried again as a part of its job; that does not count as a failure.",
        _NOTHING,
        most_requests=40,
    ),
    Row(
        "database-stopped",
        "The database is shut down for a minute and comes back.",
        "The worker waits for it and continues at the cursor.",
        _NOTHING,
        most_requests=40,
    ),
    Row(
        "database-crashed",
        "The database dies at once and recovers.",
        "Pages that were not published yet are gone, and the cursor with them is not trusted: the walk begins again.",
        _NOTHING,
        most_requests=40,
    ),
    Row(
        "database-died",
        "The embedded database dies alone while `rollcall up` runs.",
        "`up` starts it again within a second, and the worker waits for it and continues.",
        _NOTHING,
        most_requests=40,
    ),
    Row(
        "database-full",
        "The database's whole disk is full for a while.",
        "What cannot be written is tried again until there is room; that does not count as a failure.",
        "That the database went away for a while, as long as it lasts.",
        most_requests=60,
    ),
    Row(
        "notify-lost",
        "The message that there is work (NOTIFY) is lost.",
        "The worker checks the table every few seconds anyway.",
        _NOTHING,
    ),
    Row(
        "clock-back",
        "The clock of the worker's machine is set back by a day.",
        "Leases and due times are the database's, waits are the monotonic clock's, data carry Instagram's own time.",
        _ATTEMPT,
        most_requests=40,
    ),
    Row(
        "clock-forward",
        "The clock of the worker's machine jumps ten days ahead.",
        "The same; a cursor that now looks too old is not used, and the walk begins again.",
        _ATTEMPT,
        most_requests=40,
    ),
)
FILES = (
    Row(
        "export-folder-full",
        "The disk on which exports are kept is full.",
        "Removes what was written of the file; an export appears whole or not at all.",
        "That the disk is full, and what to do.",
        work=JobKind.EXPORT,
        ends="FAILED",
        code="permanent",
        verdict=None,
        most_requests=0,
    ),
)
WEB = (
    Row(
        "idle-connections",
        "Three hundred connections to the web are opened, and nothing is asked on them.",
        "Still answers pages and its health check.",
        "Nothing: the pages come.",
    ),
    Row(
        "mail-that-no-server-takes",
        "A mail is due to an address that no server takes, and others wait behind it.",
        "Gives that mail up and sends the others; the other work continues.",
        "Nothing: the others get their mail.",
        most_requests=60,
    ),
)
BROWSER = (
    Row(
        "chromium-killed",
        "Chromium is killed in the middle of a walk.",
        "A new one is started, with the same device and session, and the walk continues at its cursor.",
        _NOTHING,
        most_requests=40,
    ),
    Row(
        "chromium-hung",
        "Chromium hangs and answers nothing.",
        "It is asked every few seconds whether it is there; one that stays silent is killed, and a new one continues.",
        _NOTHING,
        most_requests=40,
    ),
    Row(
        "page-killed",
        "The system kills the page's process because memory is short.",
        "The page is opened again, and the walk continues at its cursor.",
        _NOTHING,
        most_requests=40,
    ),
)
