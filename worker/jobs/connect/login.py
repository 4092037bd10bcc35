"""LOGIN: the ways in that run without a window: the form, the cookies of another browser, and the stored password."""

from __future__ import annotations

from worker.jobs.base import JobContext
from worker.jobs.connect import relogin
from worker.jobs.connect.cookies import CookieLogin
from worker.jobs.connect.credentials import CookieCredentials, decrypt_credentials
from worker.jobs.connect.flow import begin, establish
from worker.jobs.connect.form import FormLogin
from worker.jobs.connect.stored_password import StoredPasswordLogin
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Ends with the profile CONNECTED, its session stored and a SYNC enqueued; raises what `establish` raises."""
    ctx.progress("login", 0, None)
    if ctx.job.args == relogin.ARGS:
        connection = await begin(ctx, services)
        await establish(connection, StoredPasswordLogin(connection))
        return
    entered = decrypt_credentials(ctx, services)
    connection = await begin(ctx, services)
    if isinstance(entered, CookieCredentials):
        await establish(connection, CookieLogin(entered, connection.login.device_cookies))
    else:
        await establish(connection, FormLogin(connection, entered))
