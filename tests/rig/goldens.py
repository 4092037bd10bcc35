"""The figures of SciPy, statsmodels and lifelines that the project's own are compared with."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from shared.domain.statistics.arrays import Floats
from shared.domain.statistics.survival import Stays

_FOLDER = Path(__file__).resolve().parents[1] / "unit" / "domain" / "statistics" / "goldens"


def load(library: str) -> dict[str, Any]:
    """The cases of one library, as `bin/test --oracles` made them."""
    made: dict[str, Any] = json.loads((_FOLDER / f"{library}.json").read_text(encoding="utf-8"))
    return made


def floats(values: Any) -> Floats:
    """An array of numbers, NaN for null."""
    return np.array(values, dtype=np.float64)


def stays(case: dict[str, Any]) -> Stays:
    """The stays of a case; without late entries all begin at 0."""
    end = floats(case["end"])
    return Stays(floats(case.get("entry", np.zeros(len(end)))), end, np.array(case["way"], dtype=np.int64))
