"""The parameters of a call, checked as the APIs check them."""

from collections.abc import Collection

from flask import request

from .answers import ApiError, parameter_error

_COMMON = frozenset({"key", "alt", "fields", "prettyPrint", "quotaUser", "access_token", "oauth_token", "callback"})


def check_names(known: Collection[str]) -> None:
    """Refuse a parameter that the method does not have."""
    for name in request.args:
        if name not in known and name not in _COMMON and not name.startswith("$"):
            message = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
            raise ApiError(400, "invalid", message, rpc="INVALID_ARGUMENT")
    if request.args.get("alt", "json") != "json":
        raise ApiError(400, "invalidParameter", "Invalid value for alt", location="alt", location_type="parameter")


def parts(known: Collection[str]) -> list[str]:
    """Return the parts that are asked for, in their order."""
    asked = listed("part")
    if not asked:
        raise ApiError(400, "required", "Required parameter: part", "global", "part", "parameter")
    for part in asked:
        if part not in known:
            raise ApiError(400, "unknownPart", f"'{part}'", "youtube.part", "part", "parameter")
    return asked


def listed(name: str) -> list[str]:
    """Return the values of a parameter that may be repeated, or joined by commas."""
    values = [value.strip() for text in request.args.getlist(name) for value in text.split(",")]
    return list(dict.fromkeys(filter(None, values)))


def one_filter(names: Collection[str]) -> str:
    """Return the only filter that is given."""
    given = [name for name in names if request.args.get(name)]
    if not given:
        message = f"No filter selected. Expected one of: {', '.join(names)}"
        raise parameter_error("missingRequiredParameter", message, "")
    if len(given) > 1:
        message = f"Incompatible parameters specified in the request: {', '.join(given)}"
        raise parameter_error("incompatibleParameters", message, "")
    return given[0]


def whole(name: str, low: int, high: int, default: int) -> int:
    """Return a whole number of the query between two bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    if not text.lstrip("-").isdecimal() or not low <= int(text) <= high:
        message = f"Invalid value '{text}'. Values must be within the range: [{low}, {high}]"
        raise ApiError(400, "invalidParameter", message, "global", name, "parameter")
    return int(text)
