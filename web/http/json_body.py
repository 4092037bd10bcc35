"""JSON that people and scripts send. What is nested beyond all measure is not JSON to us, and answers 400."""

from __future__ import annotations

from typing import Any

from flask.json.provider import DefaultJSONProvider


class PlainJson(DefaultJSONProvider):
    """Flask's own, apart from that."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """What the text says; raises ValueError, which Flask answers with 400."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None
