"""Parameters of errors and alerts, as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from shared.domain.input.text import clean


def storable(params: Mapping[str, Any]) -> Jsonb:
    """The parameters as JSON, without what no database takes."""
    return Jsonb({name: clean(value) if isinstance(value, str) else value for name, value in params.items()})
