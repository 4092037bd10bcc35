"""A worker on a machine whose clock is wrong by ROLLCALL_TEST_CLOCK seconds; its monotonic clock stays right."""

import datetime as module
import os
import sys
import time
from datetime import datetime as right
from datetime import tzinfo
from importlib import import_module
from typing import Any

_OFF = float(os.environ["ROLLCALL_TEST_CLOCK"])
_seconds = time.time


class _Everywhere(type):
    """What is a `datetime` for anybody is one here."""

    def __instancecheck__(cls, what: object) -> bool:
        return isinstance(what, right)


class _Skewed(right, metaclass=_Everywhere):
    """`datetime` with a wrong clock; what it makes are the ordinary ones."""

    def __new__(cls, *values: Any, **named: Any) -> Any:
        return right.__new__(right, *values, **named)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return right.fromtimestamp(time.time(), tz)


if __name__ == "__main__":
    # Parts of these are compiled and know only the right class; they ask no one for the time of day.
    for known in ("pandas", "psycopg"):
        import_module(known)
    # Before anything of ours is imported, so that whoever asks for the time of day gets the wrong one.
    for place, name, wrong in ((time, "time", lambda: _seconds() + _OFF), (module, "datetime", _Skewed)):
        setattr(place, name, wrong)
    from rollcall import main

    sys.argv = ["rollcall", "worker"]
    main()
