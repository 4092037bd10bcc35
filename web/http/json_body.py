"""JSON from people and scripts; absurdly nested JSON is rejected with 400."""

from __future__ import annotations

from typing import Any

from flask.json.provider import DefaultJSONProvider


class PlainJson(DefaultJSONProvider):
    """Flask's own provider, apart from that."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The parsed text; raises ValueError, which Flask answers with 400."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None
