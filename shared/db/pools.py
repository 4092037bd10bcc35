"""Connection pools: a sync one for the web, an async one for the worker, each under a role with sufficient rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection, Connection
from psycopg.rows import TupleRow, dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db import roles, text_door
from shared.db.reach import reachable

Row = dict[str, Any]
WebConnection = Connection[Row]
WorkerConnection = AsyncConnection[Row]
# A pool doubles its pauses between attempts up to this limit; the next request begins with a short one again.
_GIVE_UP = 30.0
text_door.install()
_TENANT: LiteralString = """
    select set_config('role', %s, true), set_config('request.jwt.claims', %s, true),
        set_config('rollcall.request_id', %s, true)
"""


def web_pool(url: str, size: int = 8, *, prepare: bool = True) -> ConnectionPool[WebConnection]:
    """A closed pool of sync connections with dict rows; open it with `.open()`.

    With `prepare` False no statement is prepared, because behind a transaction pooler it would exist in another
    session.
    """
    return ConnectionPool(
        reachable(url),
        min_size=1,
        max_size=size,
        open=False,
        timeout=10,
        reconnect_timeout=_GIVE_UP,
        kwargs={"row_factory": dict_row, **({} if prepare else {"prepare_threshold": None})},
        name="web",
        check=ConnectionPool.check_connection,
    )


async def _as_service_role(conn: AsyncConnection[Any]) -> None:
    await conn.execute("set role service_role")
    await conn.commit()


def worker_pool(url: str, size: int = 8) -> AsyncConnectionPool[WorkerConnection]:
    """A closed pool of async connections with dict rows, each acting as `service_role`; open it yourself."""
    return AsyncConnectionPool(
        reachable(url),
        min_size=1,
        max_size=size,
        open=False,
        timeout=30,
        reconnect_timeout=_GIVE_UP,
        kwargs={"row_factory": dict_row},
        name="worker",
        configure=_as_service_role,
        check=AsyncConnectionPool.check_connection,
    )


@contextmanager
def tenant(
    pool: ConnectionPool[WebConnection], user_id: UUID | None, request_id: str | None = None
) -> Iterator[WebConnection]:
    """Opens one transaction in the name of a user, or of no user; role and claims end with it.

    The claims are those of Supabase, so that `auth.uid()` answers; Supabase's Data API cannot become the role. A job
    that is enqueued in the transaction carries `request_id`.
    """
    role = roles.NOBODY if user_id is None else roles.PERSON
    claims = {"role": "anon"} if user_id is None else {"role": "authenticated", "sub": str(user_id)}
    with pool.connection() as conn, conn.transaction():
        conn.execute(_TENANT, (role, dumps(claims), request_id or ""))
        yield conn


__all__ = ["Row", "TupleRow", "WebConnection", "WorkerConnection", "tenant", "web_pool", "worker_pool"]
