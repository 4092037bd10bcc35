"""The people around an account by country, city, age and gender; not everyone says so much."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sandbox.world.stories import is_quiet
from sandbox.world.world import World

AGES = ("13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
GENDERS = ("F", "M", "U")
_AGE_WEIGHTS, _GENDER_WEIGHTS = (4, 24, 36, 19, 10, 5, 2), (52, 39, 9)
_CITIES: Mapping[str, tuple[str, ...]] = {
    "US": ("New York, New York", "Los Angeles, California", "Chicago, Illinois", "Austin, Texas"),
    "BR": ("São Paulo, São Paulo (state)", "Rio de Janeiro, Rio de Janeiro (state)", "Salvador, Bahia"),
    "IN": ("Mumbai, Maharashtra", "Delhi, Delhi", "Bangalore, Karnataka"),
    "DE": ("Berlin, Berlin", "Hamburg, Hamburg", "Köln, Nordrhein-Westfalen"),
    "GB": ("London, England", "Leeds, England", "Glasgow, Scotland"),
    "MX": ("Mexico City, Distrito Federal", "Guadalajara, Jalisco"),
    "FR": ("Paris, Île-de-France", "Lyon, Rhône-Alpes"),
    "ES": ("Madrid, Comunidad de Madrid", "Barcelona, Cataluña"),
    "TR": ("Istanbul, Istanbul Province", "Ankara, Ankara Province"),
    "JP": ("Tokyo, Tokyo", "Osaka, Osaka"),
    "IT": ("Rome, Lazio", "Milan, Lombardia"),
    "PL": ("Warsaw, Mazowieckie", "Kraków, Małopolskie"),
    "NG": ("Lagos, Lagos State", "Abuja, Federal Capital Territory"),
    "CA": ("Toronto, Ontario", "Montreal, Quebec"),
}
_COUNTRY_WEIGHTS = tuple(range(2 * len(_CITIES) + 4, 4, -2))
_NO_PLACE, _NO_CITY, _NO_AGE = 0.06, 0.25, 0.08


@dataclass(frozen=True, slots=True)
class Traits:
    """What the platform knows of a person; None is unknown."""

    country: str | None
    city: str | None
    age: str | None
    gender: str

    def named(self, dimension: str) -> str | None:
        """Return one of the traits; KeyError for another."""
        known = {"country": self.country, "city": self.city, "age": self.age, "gender": self.gender}
        return known[dimension]


@lru_cache(maxsize=200_000)
def traits_of(pk: int) -> Traits:
    """Return a person's traits, which stay for life."""
    country = None if _chance(pk, "place") < _NO_PLACE else _pick(tuple(_CITIES), _COUNTRY_WEIGHTS, _chance(pk, "land"))
    towns = () if country is None or _chance(pk, "no city") < _NO_CITY else _CITIES[country]
    return Traits(
        country=country,
        city=_pick(towns, range(len(towns) + 1, 1, -1), _chance(pk, "city")) if towns else None,
        age=None if _chance(pk, "no age") < _NO_AGE else _pick(AGES, _AGE_WEIGHTS, _chance(pk, "age")),
        gender=_pick(GENDERS, _GENDER_WEIGHTS, _chance(pk, "gender")),
    )


def counted(people: Iterable[int], dimensions: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Return how many people have which traits, most first; those of whom one is unknown are left out."""
    counts: Counter[tuple[str, ...]] = Counter()
    for pk in people:
        traits = traits_of(pk)
        named = tuple(value for dimension in dimensions if (value := traits.named(dimension)) is not None)
        if len(named) == len(dimensions):
            counts[named] += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def followers(world: World) -> Collection[int]:
    """Return who follows."""
    return list(world.population.followers.members)


def engaged(world: World, since: datetime) -> Collection[int]:
    """Return who liked a post or a story that was published since a moment, as far as the world remembers."""
    found: set[int] = set()
    for post in (*world.posts, *world.archived):
        if post.taken_at >= since:
            found.update(world.stage.likers.get(post.pk, ()))
    for story in world.stage.stories:
        if story.taken_at >= since:
            found.update(pk for pk, liked in story.viewers.items() if liked)
    return found


def reached(world: World, since: datetime) -> Collection[int]:
    """Return who saw something since a moment: viewers, those who liked, and followers who look on now and then."""
    found = {pk for pk in followers(world) if not is_quiet(world, pk)} | set(engaged(world, since))
    for story in world.stage.stories:
        if story.taken_at >= since:
            found.update(story.viewers)
    return found


def _chance(pk: int, trait: str) -> float:
    return zlib.crc32(f"{trait}/{pk}".encode()) / 2**32


def _pick(values: Sequence[str], weights: Sequence[int], chance: float) -> str:
    """Return the value at ``chance``, from 0 to below 1, when each has as much room as its weight."""
    left = chance * sum(weights)
    for value, weight in zip(values, weights, strict=True):
        if left < weight:
            return value
        left -= weight
    return values[-1]
