"""A bad day: a list cut short, a challenge and a dead session, one after the other, and the page's words for each."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.demo.person import DemoFailed, Person
from sandbox.demo.truth import World

Reconnect = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault, whether it ends the sync, and the state or alert with which the page must explain it."""

    name: str
    fault: dict[str, object]
    ends_the_job: bool
    notice: str


TROUBLES = (
    Trouble("cut_short", {"kind": "limited_list", "variant": "followers", "times": 100}, False, "list_partial"),
    Trouble("challenge", {"kind": "checkpoint", "where": "json"}, True, "CHALLENGED"),
    Trouble("session_dead", {"kind": "session_dead"}, True, "NEEDS_LOGIN"),
)


def live_through(person: Person, world: World, profile: str, reconnect: Reconnect) -> dict[str, str]:
    """Puts each fault into a sync, takes the way out that the page offers, and returns the page's words.

    Raises DemoFailed where the page does not explain it.
    """
    explained = {}
    for trouble in TROUBLES:
        # Running work would meet the fault instead of the intended sync.
        person.quiet(profile)
        world.fault(trouble.fault)
        explained[trouble.name] = _explained(person, profile, trouble)
        person.quiet(profile)
        world.clear_faults()
        if trouble.ends_the_job:
            reconnect()
        person.sync(profile)
    return explained


def _explained(person: Person, profile: str, trouble: Trouble) -> str:
    if trouble.ends_the_job:
        person.sync_in_vain(profile)
    else:
        person.sync(profile)
    said = person.notices(profile)
    if notice := said.get(trouble.notice):
        return notice
    raise DemoFailed(f"the page does not explain {trouble.name}; it says {said}")
