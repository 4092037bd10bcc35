"""A profile of clips keeps its invariants, however the calendar is moved."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.world.clips.profile import ClipProfile, ProfileConfig
from sandbox.world.world import World, WorldConfig

QUIET = WorldConfig(followers=0, following=0, posts=0)
SMALL = ProfileConfig(clips=20, age_days=60)
few = settings(max_examples=15, deadline=None)


def profile(seed: int = 7) -> ClipProfile:
    return ClipProfile(World(replace(QUIET, seed=seed)), SMALL)


@few
@given(st.integers(0, 10_000), st.lists(st.integers(1, 100), min_size=1, max_size=4))
def test_the_same_seed_and_hours_give_the_same_profile_however_they_are_split(seed: int, hours: list[int]) -> None:
    once, split = profile(seed), profile(seed)
    once.world.advance(timedelta(hours=sum(hours)))
    for number in hours:
        split.world.advance(timedelta(hours=number))
        split.truth()
    assert once.truth() == split.truth()


@few
@given(st.integers(0, 10_000))
def test_counters_and_followers_never_fall(seed: int) -> None:
    found = profile(seed)
    for _ in range(4):
        before, followers = {clip.id: clip.counts(found.now) for clip in found.clips()}, found.followers
        found.world.advance(timedelta(days=3))
        after = {clip.id: clip.counts(found.now) for clip in found.clips()}
        assert before.keys() <= after.keys()
        assert all(after[identity].views >= done.views for identity, done in before.items())
        assert found.followers >= followers


def test_a_clip_that_is_gone_is_in_no_counter_and_gone_for_good() -> None:
    found = profile()
    newest = found.clips()[0]
    likes, there = found.likes, len(found.clips())
    found.remove(str(newest.id))
    assert found.clip(str(newest.id)) is None
    assert len(found.clips()) == there - 1
    assert found.likes == likes - newest.counts(found.now).likes
    with pytest.raises(KeyError):
        found.remove(str(newest.id))
