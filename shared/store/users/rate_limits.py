"""Rate limits of attempts, counted in Postgres and so shared by every web process."""

import hashlib
from datetime import timedelta
from typing import LiteralString

from shared.db.pools import WebConnection

_HIT: LiteralString = "select rollcall.throttle(%s, %s, %s) as seconds"
_FORGET: LiteralString = "select rollcall.throttle_forget(%s)"


def hit(conn: WebConnection, what: str, who: str, allowed: int, span: timedelta) -> timedelta:
    """Counts one try and returns the wait before the next; zero means go on. Needs the web's own role."""
    row = conn.execute(_HIT, [_key(what, who), allowed, span]).fetchone()
    return timedelta(seconds=row["seconds"] if row else 0)


def forget(conn: WebConnection, what: str, who: str) -> None:
    """Starts the count again, after a successful try."""
    conn.execute(_FORGET, [_key(what, who)])


def _key(what: str, who: str) -> str:
    # This stores neither e-mail nor network addresses.
    return f"{what}:{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
