"""The audience of a channel: its countries, sources, devices, ages and genders."""

from collections.abc import Mapping
from itertools import product

from sandbox.world.chance import dice

from .videos import Kind

AGES = ("age13-17", "age18-24", "age25-34", "age35-44", "age45-54", "age55-64", "age65-")
GENDERS = ("female", "male", "user_specified")
_COUNTRIES = ("US", "IN", "BR", "DE", "GB", "MX", "JP", "FR", "ES", "ID", "PL", "TR", "CA", "IT", "NG")
_UNKNOWN_COUNTRY = "ZZ"
_LONG_SOURCES = {
    "RELATED_VIDEO": 28,
    "YT_SEARCH": 24,
    "SUBSCRIBER": 20,
    "EXT_URL": 8,
    "YT_CHANNEL": 7,
    "NO_LINK_OTHER": 4,
    "PLAYLIST": 3,
    "NOTIFICATION": 3,
    "END_SCREEN": 2,
    "YT_OTHER_PAGE": 1,
}
_SHORT_SOURCES = {"SHORTS": 82, "YT_CHANNEL": 6, "YT_SEARCH": 5, "SUBSCRIBER": 3, "EXT_URL": 2, "HASHTAGS": 2}
_DEVICES = {"MOBILE": 62, "DESKTOP": 21, "TV": 11, "TABLET": 5, "GAME_CONSOLE": 1}
_FOLLOWING = {"UNSUBSCRIBED": 71, "SUBSCRIBED": 29}
_SERVICES = {"WHATS_APP": 40, "COPY_PASTE": 30, "FACEBOOK": 14, "TWITTER": 9, "EMBED": 7}
_AGE_WEIGHTS = (3, 17, 34, 23, 12, 7, 4)
_GENDER_WEIGHTS = (48, 50, 2)


class Audience:
    """Weights that belong to one channel; all sum to 1."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._countries = self._mixed("countries", dict(zip(_COUNTRIES, range(30, 0, -2), strict=True)))

    def weights(self, dimension: str, kind: Kind) -> Mapping[str, float]:
        """Return the parts of one dimension for one kind of video; KeyError for another dimension."""
        match dimension:
            case "country":
                unknown = 0.01
                shares = {name: share * (1 - unknown) for name, share in self._countries.items()}
                return {**shares, _UNKNOWN_COUNTRY: unknown}
            case "insightTrafficSourceType":
                return self._mixed(f"sources {kind}", _SHORT_SOURCES if kind is Kind.SHORT else _LONG_SOURCES)
            case "deviceType":
                return self._mixed(f"devices {kind}", _DEVICES)
            case "subscribedStatus":
                return self._mixed(f"following {kind}", _FOLLOWING)
            case "sharingService":
                return self._mixed("services", _SERVICES)
        raise KeyError(dimension)

    def viewers(self, kind: Kind | None = None) -> dict[tuple[str, str], float]:
        """Return the percentage of viewers by age and gender, to a tenth; they sum to 100."""
        rng = dice(self._key, "viewers", kind)
        ages, genders = zip(AGES, _AGE_WEIGHTS, strict=True), zip(GENDERS, _GENDER_WEIGHTS, strict=True)
        weights = {
            (age, gender): heavy * often * rng.uniform(0.7, 1.3)
            for (age, heavy), (gender, often) in product(ages, genders)
        }
        return _tenths(weights)

    def _mixed(self, name: str, weights: Mapping[str, int]) -> dict[str, float]:
        rng = dice(self._key, name)
        mixed = {part: weight * rng.uniform(0.6, 1.4) for part, weight in weights.items()}
        whole = sum(mixed.values())
        return {part: weight / whole for part, weight in sorted(mixed.items(), key=lambda item: -item[1])}


def _tenths(weights: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    whole, reached, before, shares = sum(weights.values()), 0.0, 0, {}
    for pair, weight in weights.items():
        reached += weight
        mark = round(1000 * reached / whole)
        shares[pair], before = (mark - before) / 10, mark
    return shares
