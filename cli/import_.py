"""`rollcall import`: an official export, read by this process instead of the worker, for whoever is at its machine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import click

from cli.local_job import ServicesOf, find_account, work_through, worker_name
from cli.plain import PlainCommand
from cli.terminal import database, quiet_settings
from shared.domain.input.instagram_names import clean_username
from shared.domain.input.text import clean_line
from shared.errors import InputError
from shared.files.folder import Files
from shared.platforms.instagram import INSTAGRAM
from shared.settings import Settings
from shared.store.files import imports
from shared.store.files.imports import Upload
from shared.store.queue import local_jobs
from shared.store.queue.claims import Job
from worker import bootstrap
from worker.importers.data_download.container import open_archive
from worker.importers.data_download.download import DataDownload
from worker.jobs.files import import_download
from worker.services import Services
from worker.threads import in_thread

_WHOSE = "Name the account: --username NAME."


@click.command("import", cls=PlainCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--username", help="The Instagram username; not needed where the data download names it.")
@click.option("--email", help="The Rollcall account; not needed where there is only one.")
def import_(files: tuple[Path, ...], username: str | None, email: str | None) -> None:
    """Import an Instagram data download (all its parts together). Works while `rollcall up` runs."""
    settings = quiet_settings("import")
    name = whose(files, username)
    with database(settings, "import") as url:
        read = asyncio.run(import_files(replace(settings, database_url=url), files, name, email))
    click.echo(f"The data download of @{name} is imported.")
    for line in read:
        click.echo(line)


def whose(files: Sequence[Path], given: str | None) -> str:
    """The username of the account; raises InputError where nothing says it, and ArchiveRefused in its kinds."""
    if given is not None:
        found = clean_username(given)
    else:
        with ExitStack() as stack:
            parts = [(file.name, stack.enter_context(file.open("rb"))) for file in files]
            archive = stack.enter_context(open_archive(parts))
            download = DataDownload(archive, tuple(file.name for file in files))
            download.require_one()
            found = download.username()
    if found is None:
        raise InputError("Nothing in the data download says whose it is.", next_step=_WHOSE)
    return found


async def import_files(
    settings: Settings,
    files: Sequence[Path],
    username: str,
    email: str | None,
    services_of: ServicesOf = bootstrap.services,
) -> list[str]:
    """Imports the files as one data download and returns the lines to print; raises InputError with the reason."""
    async with services_of(settings, 1) as services:
        async with services.pool.connection() as conn:
            user_id = await find_account(conn, email)
        upload = await in_thread(_copy_files, services.files, files, user_id)
        claimed = await _claim(services, settings, upload, user_id, username)
        handler = partial(import_download.run, services=services)
        await work_through(services, claimed, handler, "The data download was not imported.")
        async with services.pool.connection() as conn:
            report = await imports.report(conn, claimed.user_id, upload.id)
    return _lines(report)


async def _claim(services: Services, settings: Settings, upload: Upload, user_id: UUID, username: str) -> Job:
    claimed: Job | None = None
    try:
        async with services.pool.connection() as conn:
            profile_id: UUID = await local_jobs.ensure_profile(conn, user_id, INSTAGRAM.name, username, "UTC")
            name = worker_name("import")
            claimed = await imports.begin(conn, profile_id, upload, worker=name, lease=settings.worker_lease)
    finally:
        if claimed is None:
            for path in upload.paths:
                await in_thread(services.files.delete, path)
    if claimed is None:
        raise InputError(
            f"A data download of @{username} is being imported right now.",
            next_step="Wait until that is done, then run the command again.",
        )
    return claimed


def _copy_files(shelf: Files, files: Sequence[Path], user_id: UUID) -> Upload:
    import_id, paths = uuid4(), []
    for number, file in enumerate(files):
        path = f"data-downloads/{user_id}/{import_id}-{number}.zip"
        with file.open("rb") as source, shelf.open_writer(path) as target:
            shutil.copyfileobj(source, target, 1024 * 1024)
        paths.append(path)
    return Upload(
        import_id, [clean_line(file.name) for file in files], paths, sum(file.stat().st_size for file in files)
    )


def _lines(report: imports.Report) -> list[str]:
    lines = []
    for direction, found in report.get("lists", {}).items():
        changes = f"{found['gained']} new, {found['lost']} left, {found['dated']} dated"
        words = f"{direction}: {found['people']} people, {changes}"
        skipped = f", {found['skipped']} entries skipped" if found["skipped"] else ""
        lines.append(f"{words}{skipped} ({found['verdict']})")
        if found["reason"]:
            lines.append(f"  {found['reason']}")
    if report.get("insights"):
        lines.append(f"past insights: {report['insights']} figures")
    return lines
