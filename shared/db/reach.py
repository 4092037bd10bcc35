"""Time limits of database connections: how long each address is tried, and how soon a dead connection is dropped."""

import os
from collections.abc import Mapping

from psycopg.conninfo import conninfo_to_dict, make_conninfo

# A host name may have several addresses, and some never answer (IPv6 on a network without it): each is tried
# for this long. A live connection acknowledges data, and an idle one a probe, within half a minute.
_DEFAULTS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def reachable(url: str) -> str:
    """`url` (of either form that libpq knows) with the limits that it does not set itself."""
    given = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in _DEFAULTS.items() if name not in given})


def with_password(url: str, environ: Mapping[str, str] | None = None) -> str:
    """`url` with the password that libpq would take from PGPASSWORD, unless `url` has its own."""
    password = (os.environ if environ is None else environ).get("PGPASSWORD")
    if not password or conninfo_to_dict(url).get("password"):
        return url
    return make_conninfo(url, password=password)
