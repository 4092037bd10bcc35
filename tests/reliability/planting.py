"""Sessions for the profiles of the rows: one real login, and copies of the browser that it left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from sandbox.crowd import Member
from shared.db import pools
from shared.domain.jobs import JobKind
from shared.store.users import data_keys
from shared.vault import Place, keyfiles
from tests.reliability.rows import Row
from tests.reliability.stage import PATIENCE, House
from tests.said import error_said
from worker.browser.session import BrowserSession
from worker.platforms.base import SessionSecret


def connect(there: House, rows: Sequence[Row]) -> None:
    """Logs an account of its own in; those of whom a list, posts or stories are read get sessions of the same browser.

    A login under a fault is its profile's first.
    """
    first = there.crowd.members[0]
    (job,) = there.desk.ended([there.desk.log_in(first)], PATIENCE)
    assert job["state"] == "COMPLETED", error_said(job)
    there.desk.quiet(PATIENCE)
    asyncio.run(_plant(there, first, [there.members[row.key] for row in rows if row.work is not JobKind.LOGIN]))


async def _plant(there: House, first: Member, others: Sequence[Member]) -> None:
    ring = keyfiles.load(there.folder)
    ids = there.desk.profiles
    async with pools.worker_pool(there.database.worker_url, 1) as pool, pool.connection() as conn:
        row = await (
            await conn.execute(
                "select id, user_id, secret from public.connections where profile_id = %s", [ids[first.username]]
            )
        ).fetchone()
        assert row is not None
        key = await data_keys.data_key(conn, ring, row["user_id"])
        text = key.decrypt(row["secret"], Place("connections", "secret", row["user_id"], row["id"])).decode()
        pattern = BrowserSession.from_secret(SessionSecret(text))
        session = first.site.sessions.find(pattern.cookie("sessionid"))
        assert session is not None
        for member in others:
            made = await (
                await conn.execute(
                    "insert into public.connections (user_id, profile_id, method, state)"
                    " values (%s, %s, 'browser', 'ACTIVE') returning id",
                    [row["user_id"], ids[member.username]],
                )
            ).fetchone()
            assert made is not None
            place = Place("connections", "secret", row["user_id"], made["id"])
            secret = key.encrypt(_session(member, pattern, session.user_agent).encode(), place)
            await conn.execute("update public.connections set secret = %s where id = %s", [secret, made["id"]])
            await conn.execute(
                "update public.profiles set state = 'CONNECTED', external_id = %s where id = %s",
                [member.credentials.user_id, ids[member.username]],
            )


def _session(member: Member, pattern: BrowserSession, agent: str) -> str:
    account = member.site.account
    values = {
        "sessionid": member.site.sessions.open(account.user_id, agent),
        "ds_user_id": str(account.user_id),
        "csrftoken": "c5rf",
        "mid": f"device-of-{account.user_id}",
    }
    cookies = [
        {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1, "sameSite": "Lax"}
        | {"httpOnly": name in ("sessionid", "mid"), "secure": False}
        for name, value in values.items()
    ]
    told = json.loads(pattern.to_secret().text)
    return json.dumps(told | {"storage_state": {"cookies": cookies, "origins": []}})
