"""The group of all commands; imports a command's module only when that command is called."""

import os
from importlib import import_module
from importlib.util import find_spec

import click

from cli.near_misses import near_misses
from cli.plain import PlainGroup
from shared.release import VERSION

START = "ROLLCALL_START"
_WARNING = ("up", "web", "worker", "doctor")


class _Group(PlainGroup):
    """Imports a command only when it is called."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's; commands from now on warn of names that resemble those of settings."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in _WARNING and START not in os.environ:
            for given, meant in near_misses(os.environ):
                click.echo(f"Warning: {given} is no setting of Rollcall and changes nothing; {meant} is one.", err=True)
        return name, command, rest

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = ["up", "web", "worker", "connect", "import", "import-insights"]
        names += ["sync", "migrate", "roles", "keys", "doctor", "health"]
        names += ["user", "backup", "restore", "erase-person"]
        # The image for servers carries no sandbox.
        return [*names, "demo", "sandbox"] if find_spec("sandbox") else names

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _loaded(cmd_name)


_COMMANDS = {
    "up": "cli.up:up",
    "web": "cli.web:web",
    "worker": "cli.worker:worker",
    "connect": "cli.connect:connect",
    "import": "cli.import_:import_",
    "import-insights": "cli.import_insights:import_insights",
    "sync": "cli.sync:sync",
    "migrate": "cli.migrate:migrate",
    "roles": "cli.roles:roles",
    "keys": "cli.keys:keys",
    "doctor": "cli.doctor:doctor",
    "health": "cli.health:health",
    "user": "cli.user:user",
    "backup": "cli.backup:backup",
    "restore": "cli.backup:restore",
    "erase-person": "cli.erase_person:erase_person",
    "demo": "cli.demo:demo",
    "sandbox": "cli.sandbox:sandbox",
}


def _loaded(name: str) -> click.Command | None:
    """The command, imported now: the web never loads the worker, nor the worker the web."""
    if name not in _COMMANDS:
        return None
    module, _, attribute = _COMMANDS[name].partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version=VERSION, prog_name="rollcall")
def main() -> None:
    """Who came, who left and what worked, on the accounts you own."""
