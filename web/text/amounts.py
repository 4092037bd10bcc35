"""Formats official figures with their unit."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from shared.domain.metrics import Unit
from web.text.numbers import MINUS
from web.text.values import NOT_KNOWN
from web.translation import _

_CENT = Decimal("0.01")


def amount(value: Decimal | None, unit: Unit) -> str:
    """Such as "1,250", "812 min", "93.5 s", "42.37 %"; None -> "n/a"."""
    if value is None:
        return _(NOT_KNOWN)
    rounded = value.quantize(_CENT, ROUND_HALF_EVEN).normalize()
    shown = f"{rounded:,f}".replace("-", MINUS)
    match unit:
        case Unit.COUNT:
            return shown
        case Unit.MINUTES:
            return _("%(number)s min", number=shown)
        case Unit.SECONDS:
            return _("%(number)s s", number=shown)
        case Unit.PERCENT:
            return f"{shown} %"
