"""Detects transaction poolers, behind which a database session does not last as long as its connection."""

from secrets import token_hex

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from shared.errors import ConfigError

_PATIENCE = 5.0
_SUPAVISOR, _ITS_TRANSACTION_PORT = ".pooler.supabase.com", "6543"


def sessions_last(url: str, patience: float = _PATIENCE) -> bool:
    """Whether a LISTEN receives another connection's NOTIFY; raises psycopg's OperationalError without a database.

    A transaction pooler reuses the listener's session at once, so that the notification gets lost or reaches another
    client. False may also mean that nothing arrived within `patience` seconds.
    """
    parts = conninfo_to_dict(url)
    if str(parts.get("host") or "").endswith(_SUPAVISOR) and parts.get("port") == _ITS_TRANSACTION_PORT:
        return False
    channel = sql.Identifier(f"rollcall_probe_{token_hex(8)}")
    with _connected(url) as listener, _connected(url) as speaker:
        listener.execute(sql.SQL("listen {}").format(channel))
        speaker.execute(sql.SQL("notify {}").format(channel))
        heard = any(True for _ in listener.notifies(timeout=patience, stop_after=1))
        listener.execute(sql.SQL("unlisten {}").format(channel))
    return heard


def require_sessions(url: str, who: str) -> None:
    """Raises ConfigError where sessions do not last; the sentence says why `who` needs them."""
    if not sessions_last(url):
        raise ConfigError(
            f"DATABASE_URL leads through a transaction pooler, and {who} needs a session of its own: it listens for "
            "notifications, keeps its role and holds locks. Give it a direct connection or a session pooler; on "
            "Supabase that is port 5432 of the same host instead of 6543. The web may stay where it is."
        )


def _connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url, autocommit=True, prepare_threshold=None, connect_timeout=10)
