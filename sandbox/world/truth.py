"""The true state of the world, for a test to compare with what the product says."""

from datetime import datetime
from typing import TypedDict

from .journal import Difference
from .people import Person
from .population import FollowList
from .posts import Post
from .stories import Story
from .world import World


class PersonRow(TypedDict):
    """A person under their present name."""

    pk: int
    username: str
    full_name: str
    is_private: bool
    is_verified: bool


class MediaRow(TypedDict):
    """A piece with the counts that its owner's tabs show; None where the platform shows none."""

    pk: str
    code: str
    kind: str
    taken_at: int
    caption: str | None
    like_count: int | None
    comment_count: int
    play_count: int | None
    view_count: int | None
    likes_hidden: bool
    pinned: bool
    in_grid: bool
    owner_pk: int


class StoryRow(TypedDict):
    """A story with all its viewers so far, as far as the stand-in remembers, and those of them who liked it."""

    pk: str
    taken_at: int
    expiring_at: int
    live: bool
    viewers: list[int]
    likers: list[int]


Json = dict[str, object]


def truth(world: World, since: datetime | None) -> Json:
    """Return both lists, the media and every net difference since ``since``, under the names of the control route."""
    people = world.population
    return {
        "followers": [person_row(person) for person in people.listed(people.followers)],
        "following": [person_row(person) for person in people.listed(people.following)],
        "media": [media_row(world, post) for post in reversed(world.posts)],
        "archived": [media_row(world, post) for post in world.archived],
        "deleted": [media_row(world, post) for post in world.deleted],
        "stories": [story_row(world, story) for story in world.stage.stories],
        "likers": {str(pk): list(likers) for pk, likers in world.stage.likers.items()},
        **_differences(world, people.followers, since, ""),
        **_differences(world, people.following, since, "following_"),
    }


def counts(world: World, since: datetime | None) -> dict[str, int]:
    """Return how many there are of each thing in ``truth``."""
    people = world.population
    figures = {
        "followers": len(people.followers.members),
        "following": len(people.following.members),
        "media": len(world.posts),
        "archived": len(world.archived),
        "deleted": len(world.deleted),
        "stories": len(world.stage.stories),
    }
    for follow_list, prefix in ((people.followers, ""), (people.following, "following_")):
        change = people.compare(follow_list, since or world.now)
        figures[f"{prefix}gained"] = len(change.gained)
        figures[f"{prefix}lost"] = len(change.lost)
        figures[f"{prefix}renamed"] = len(change.renamed)
    return figures


def person_row(person: Person) -> PersonRow:
    """Return a person as the truth shows them."""
    return PersonRow(
        pk=person.pk,
        username=person.username,
        full_name=person.full_name,
        is_private=person.is_private,
        is_verified=person.is_verified,
    )


def media_row(world: World, post: Post) -> MediaRow:
    """Return a piece with its present counts; likes are None while they are hidden."""
    done = post.engagement(world.now)
    return MediaRow(
        pk=str(post.pk),
        code=post.code,
        kind=post.kind.value,
        taken_at=int(post.taken_at.timestamp()),
        caption=post.caption,
        like_count=None if post.hides_counts else done.likes,
        comment_count=done.comments,
        play_count=done.plays,
        view_count=done.views,
        likes_hidden=post.hides_counts,
        pinned=post.pinned,
        in_grid=post.in_grid,
        owner_pk=(post.owner or world.account).pk,
    )


def story_row(world: World, story: Story) -> StoryRow:
    """Return a story as the truth shows it."""
    return StoryRow(
        pk=str(story.pk),
        taken_at=int(story.taken_at.timestamp()),
        expiring_at=int(story.expires_at.timestamp()),
        live=story.is_live(world.now),
        viewers=list(story.viewers),
        likers=[pk for pk, liked in story.viewers.items() if liked],
    )


def _differences(world: World, which: FollowList, since: datetime | None, prefix: str) -> Json:
    people = world.population.people
    change = Difference([], [], {}) if since is None else world.population.compare(which, since)
    return {
        f"{prefix}gained": [person_row(people[pk]) for pk in change.gained],
        f"{prefix}lost": [person_row(people[pk]) for pk in change.lost],
        f"{prefix}renamed": [
            {"pk": pk, "from": old, "to": people[pk].username} for pk, old in sorted(change.renamed.items())
        ],
    }
