"""Finds names in the environment that resemble settings; such a typing error would leave a limit unnoticed."""

from collections.abc import Iterable
from difflib import get_close_matches

from shared.settings import setting_fields

_ALIKE = 0.87
_PREFIX = "ROLLCALL_"
_OWN = frozenset({"ROLLCALL_VENV", "ROLLCALL_START"})


def near_misses(names: Iterable[str]) -> list[tuple[str, str]]:
    """Each name that is no setting but resembles one, with the setting that was probably meant, by name."""
    settings = [f.metadata["name"] for f in setting_fields()]
    known = {*settings, *(f"{name}_FILE" for name in settings), *_OWN}
    pairs = ((name, _meant(name, settings)) for name in sorted(set(names) - known))
    return [(name, meant) for name, meant in pairs if meant]


def _meant(name: str, settings: list[str]) -> str | None:
    plain = name.upper().replace("-", "_")
    end = "_FILE" if plain.endswith("_FILE") else ""
    bare = plain.removesuffix("_FILE")
    for one in (bare, bare.removeprefix(_PREFIX)):
        if one in settings and one + end != name:
            return one + end
    found = get_close_matches(bare, settings, n=1, cutoff=_ALIKE) if len(bare) > 5 else []
    return found[0] + end if found else None
