"""The true figures of an account, for a test to compare with what the product says."""

from dataclasses import asdict
from datetime import date, timedelta

from sandbox.world.channel.days import day_of, span
from sandbox.world.posts import Post
from sandbox.world.stories import Story

from .account import Insights
from .audience import counted, followers
from .figures import Figures, together, total
from .pieces import of_post, of_story, product_of, steps_of

Json = dict[str, object]
_DAYS = 28


def truth(insights: Insights, since: date | None = None) -> Json:
    """Return counters, pieces, and the days since ``since`` that are over, all settled; by default 28 of them."""
    world = insights.world
    yesterday = day_of(world.now) - timedelta(days=1)
    days = list(span(since or yesterday - timedelta(days=_DAYS - 1), yesterday))
    lists = world.population
    return {
        "now": world.now.isoformat(),
        "username": world.account.username,
        "pk": world.account.pk,
        "followers": len(lists.followers.members),
        "following": len(lists.following.members),
        "media": [media_row(insights, post) for post in reversed(world.posts)],
        "stories": [story_row(insights, story) for story in world.stage.stories],
        "days": {day.isoformat(): day_row(insights, day) for day in days},
        "reach": reach(insights, days),
        "audience": {
            "+".join(names): [[*key, count] for key, count in counted(followers(world), names).items()]
            for names in (["country"], ["city"], ["age"], ["gender"], ["age", "gender"])
        },
    }


def media_row(insights: Insights, post: Post) -> Json:
    """Return a post with its figures so far."""
    found = of_post(post, insights.world.now)
    row = {"pk": str(post.pk), "code": post.code, "product": product_of(post).value}
    return {**row, "taken_at": int(post.taken_at.timestamp()), **figures_row(found)}


def story_row(insights: Insights, story: Story) -> Json:
    """Return a story with its figures so far."""
    row = {"pk": str(story.pk), "taken_at": int(story.taken_at.timestamp()), "live": story.is_live(insights.world.now)}
    return {**row, **figures_row(of_story(story)), "steps": steps_of(story)}


def day_row(insights: Insights, day: date) -> Json:
    """Return a day with its sums, its reach and who came and left."""
    lived = insights.on(day)
    came, left = insights.came_and_left(day)
    own: Json = {
        "reach": insights.reach(lived),
        "followed": came,
        "unfollowed": left,
        "profile_views": insights.profile_views(day),
    }
    return {**figures_row(total(lived.values())), **own}


def figures_row(figures: Figures) -> Json:
    """Return figures under their own names."""
    return {**asdict(figures), "interactions": figures.interactions}


def reach(insights: Insights, days: list[date]) -> int:
    """Return how many people were reached on at least one of the days."""
    return together(insights.reach(insights.on(day)) for day in days)
