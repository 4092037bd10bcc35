"""`rollcall doctor`: checks an installation, and names the remedy for each fault."""

from collections.abc import Callable, Mapping

import click

from cli.ops.doctor import container, oauth, supabase
from cli.ops.doctor.browser import browser
from cli.ops.doctor.check import Check, Look, leave_out
from cli.ops.doctor.graph import graph_version
from cli.ops.doctor.machine import examine
from cli.ops.doctor.remote import mail, platform
from shared.settings import load, wrong


@click.command()
@click.option("--hosted", is_flag=True, help="Look at a hosted installation too: Supabase, its database, its files.")
@click.option("--oauth", "by_consent", is_flag=True, help="Look at the apps of the official APIs too.")
@click.option("--mend", is_flag=True, help="With --hosted: make missing buckets first (needs SUPABASE_SECRET_KEY).")
def doctor(hosted: bool, by_consent: bool, mend: bool) -> None:
    """Say what is found and what is missing, and how to mend it."""
    further: dict[str, Look] = {"browser": browser, "platform": platform, "mail": mail, "graph": graph_version}
    if hosted and wrong():
        further["hosted"] = lambda _: leave_out("hosted", "not tried before every setting can be used")
    elif hosted:
        further |= _of_settings(supabase.checks(load()) | container.checks(load()))
        for done in supabase.make_buckets(load()) if mend else ():
            click.echo(f"mended     {done}")
    if by_consent and wrong():
        further["oauth"] = lambda _: leave_out("oauth", "not tried before every setting can be used")
    elif by_consent:
        further |= _of_settings(oauth.checks(load()))
    results = examine(further)
    for check in results:
        click.echo(f"{check.word:<9}  {check.name:<16} {check.says}")
        if check.mend:
            click.echo(f"           {'':<16} → {check.mend}")
    raise SystemExit(0 if all(check.ok for check in results) else 1)


def _of_settings(checks: Mapping[str, Callable[[], Check]]) -> dict[str, Look]:
    """The checks with their settings already bound."""

    def look(check: Callable[[], Check]) -> "Look":
        return lambda _: check()

    return {name: look(check) for name, check in checks.items()}
