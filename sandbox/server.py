"""Run a stand-in over real HTTP, in a thread of this process."""

from dataclasses import asdict, dataclass, field

from sandbox.http import HttpServer
from sandbox.instagram.app import create_app
from sandbox.instagram.login.account import TwoFactor, open_account
from sandbox.instagram.site import Door, KnownDevice, LoginForm, Site, TwoStep
from sandbox.world.world import World, WorldConfig


@dataclass(frozen=True, slots=True)
class Config:
    """The contents and address of a stand-in; port 0 takes a free one."""

    world: WorldConfig = field(default_factory=WorldConfig)
    two_factor: TwoFactor = TwoFactor.TOTP
    login_form: LoginForm = LoginForm.RENAMED
    host: str = "127.0.0.1"
    port: int = 0
    known_device: KnownDevice = KnownDevice.NONE
    two_step: TwoStep = TwoStep.LEGACY
    no_ds_user_id: bool = False
    resend_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Credentials:
    """A person's credentials for connecting the account; the JSON line of ``rollcall sandbox``."""

    url: str
    username: str
    password: str
    totp_secret: str | None
    backup_codes: list[str]
    two_factor: str
    user_id: str
    phone_url: str
    now: str

    def as_json(self) -> dict[str, object]:
        """Return the fields for one JSON line."""
        return asdict(self)


class Running:
    """A stand-in that serves until it is stopped."""

    def __init__(self, site: Site, host: str, port: int) -> None:
        self.site = site
        self._server = HttpServer(create_app(site), host, port)
        self.url = f"http://{host}:{self._server.port}"
        self.credentials = credentials(site, self.url)

    def stop(self) -> None:
        """Stop serving and free the port; a second call does nothing."""
        self._server.stop()


def start(config: Config) -> Running:
    """Make the world and serve it; OSError if the port is taken, ValueError if a number is below zero."""
    return Running(open_site(config), config.host, config.port)


def open_site(config: Config) -> Site:
    """Make the world and the account's way into it, not served yet."""
    world = World(config.world)
    account = open_account(config.world.seed, world.account.pk, world.account.username, config.two_factor)
    door = Door(config.known_device, config.two_step, config.no_ds_user_id, config.resend_seconds)
    return Site(world, account, config.login_form, door=door)


def credentials(site: Site, url: str) -> Credentials:
    """Return what the owner of ``site``'s account enters, with ``url`` as the site's address."""
    account = site.account
    return Credentials(
        url=url,
        username=account.username,
        password=account.password,
        totp_secret=account.totp_secret,
        backup_codes=list(account.backup_codes),
        two_factor=account.two_factor.value,
        user_id=str(account.user_id),
        phone_url=f"{url}/_sandbox/phone/{account.username}",
        now=site.calendar_iso(),
    )
