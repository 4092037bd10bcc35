"""The effect of an error: on its job, on its profile's cool-down and on its session.

Retry (`shared.domain.backoff`), cool-down (`shared.domain.cooldown`), the state of profile and connection
(`worker.jobs.connect.session`, `worker.jobs.connect.session_errors`), a login by itself
(`worker.jobs.connect.relogin`) and a sync of everything (`worker.jobs.sync.everything`) read the effect and know no
error by its class.
"""

from dataclasses import dataclass
from enum import StrEnum


class JobEffect(StrEnum):
    """The job's next state."""

    FAIL = "fail"
    RETRY = "retry"
    """It runs again later, each time after a longer wait, and fails after too many failures in a row."""
    WAIT = "wait"
    """It runs again at a time (`RollcallError.until`), and that counts as no failure."""
    CANCEL = "cancel"
    PUT_BACK = "put back"
    """Another worker goes on where this one stopped."""
    LEAVE = "leave"
    """It is another worker's already, so nothing of it is written."""


class CooldownEffect(StrEnum):
    """The length of the profile's cool-down; `shared.domain.cooldown` has the values."""

    NONE = "none"
    OWN_LIMIT = "own limit"
    """As long as the job waits. The platform has not objected, so it makes no later cool-down longer."""
    GROWING = "growing"
    """Hours, and more hours each time in a row."""
    UNTIL_ANSWERED = "until answered"
    """As GROWING; a login ends it, because the person answers the platform's question there."""
    LONGEST = "longest"
    """As GROWING at its longest, at once."""
    DAYS = "days"
    """Days, and more days each time in a row."""


class SessionEffect(StrEnum):
    """The error's meaning for the session in which it occurred."""

    HOLDS = "holds"
    LIMITED = "limited"
    """The platform limits it for a while; the person is told."""
    OVER = "over"
    """Only a login opens another one: by itself where the person allowed that, else by the person."""
    QUESTIONED = "questioned"
    """The platform wants something of the person before anything is read again."""
    WARNED = "warned"
    """The platform warned the person, who decides whether Rollcall goes on."""


@dataclass(frozen=True, slots=True)
class Effect:
    """`of_one_list`: the other lists can still be read. `spares_password`: it says nothing about a stored password."""

    job: JobEffect = JobEffect.FAIL
    cooldown: CooldownEffect = CooldownEffect.NONE
    session: SessionEffect = SessionEffect.HOLDS
    of_one_list: bool = False
    spares_password: bool = False

    @property
    def ends_session(self) -> bool:
        """Whether no more is read with this session."""
        return self.needs_person or self.session is SessionEffect.OVER

    @property
    def needs_person(self) -> bool:
        """Whether the person has to act on the platform before the next sync."""
        return self.session in (SessionEffect.QUESTIONED, SessionEffect.WARNED)
