"""Command classes for people: errors in one line, and help that is not cut off."""

from __future__ import annotations

import click
import psycopg

from shared.errors import RollcallError

NO_DATABASE = (
    "The database at DATABASE_URL does not answer, or lets no one in with this address. "
    "Check that it runs, and the name and password in DATABASE_URL (`rollcall doctor` looks, too)."
)
NOT_THE_OWNER = "The role in DATABASE_URL may not do this. Give this command the owner's address (see docs/running.md)."


class PlainCommand(click.Command):
    """Shows our errors, and a database's refusals to connect, as one line, wherever it is mounted."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RollcallError as error:
            raise click.ClickException(error.message) from error
        except psycopg.OperationalError:
            # The error's own text may repeat parts of the address.
            raise click.ClickException(NO_DATABASE) from None
        except psycopg.errors.InsufficientPrivilege:
            raise click.ClickException(NOT_THE_OWNER) from None


class PlainGroup(PlainCommand, click.Group):
    """The same for all commands of a group; its help shows the whole first sentence of each."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, command.get_short_help_str(limit=10_000)) for name, command in commands if command]
        with formatter.section("Commands"):
            formatter.write_dl(shown)
