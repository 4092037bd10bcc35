"""`rollcall web`: the process that serves the pages."""

import logging

import click

from shared import logs
from shared.errors import RollcallError
from shared.settings import load
from web.serve import serve


@click.command()
@click.option("--quiet", is_flag=True, help="Write no line for a request, unless LOG_LEVEL is DEBUG.")
def web(quiet: bool) -> None:
    """Serve the pages at HOST and PORT."""
    try:
        settings = load()
        logs.configure(settings.log_level, settings.log_format, process="web")
        if quiet and settings.log_level != "DEBUG":
            logging.getLogger("web.http.request_log").setLevel(logging.WARNING)
        serve(settings)
    except RollcallError as error:
        raise click.ClickException(error.message) from None
