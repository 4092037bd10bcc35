"""IMPORT: reads and publishes an uploaded data download, as a whole or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.social import Direction
from shared.domain.traversal.import_verdict import Known, Listed
from shared.errors import (
    ArchiveEmpty,
    ArchiveGone,
    ArchiveOfAnother,
    ForeignFile,
    NotConnected,
    RollcallError,
)
from shared.errors.effect import JobEffect
from shared.files.folder import Files, PersonFiles, is_own
from shared.store.files import imported_insights, imports
from shared.store.files.imported_insights import ArchivedMedia, Figure
from shared.store.files.imports import Import
from shared.store.followers import publish_import
from shared.store.followers.publish_import import NamedRow, Summary, Whose
from shared.store.profiles.profiles import ProfileRow
from worker.importers.data_download.container import open_archive
from worker.importers.data_download.download import DataDownload, ListPart
from worker.importers.data_download.entries import Named
from worker.importers.data_download.insights import Insight, Unread
from worker.jobs import derive
from worker.jobs.base import JobContext
from worker.jobs.files.import_report import Report
from worker.jobs.sync.steps import profile_of
from worker.services import Services
from worker.threads import in_thread

_BATCH = 5000
T = TypeVar("T")


async def run(ctx: JobContext, services: Services) -> None:
    """Reads the import that `args.import_id` names, then derives all days; a missing profile is no error.

    Raises ArchiveRefused in its kinds, and ForeignFile before anything is opened when a path leads out of the user's
    own folder. The files are removed at the job's end; after a fault that passes they stay for the next attempt.
    """
    async with ctx.reading() as conn:
        request = await imports.load(conn, ctx.job.user_id, UUID(str(ctx.job.args["import_id"])))
    if request is None:
        return
    if not all(is_own(path, request.user_id) for path in request.paths or ()):
        raise ForeignFile
    try:
        if request.finished_at is None:
            await _read(ctx, services, request)
        await derive.step(ctx, await profile_of(ctx))
    except RollcallError as error:
        if error.effect.job in (JobEffect.FAIL, JobEffect.CANCEL):
            await _remove(ctx, services, request)
        raise
    await _remove(ctx, services, request)


async def _read(ctx: JobContext, services: Services, request: Import) -> None:
    profile = await profile_of(ctx)
    async with _opened(PersonFiles(services.files, request.user_id), request) as download:
        report = Report()
        username = await in_thread(_checked, download)
        if username is not None and username != profile.username.lower():
            raise ArchiveOfAnother().as_variant("named", username=username, wanted=profile.username)
        newest = await _survey(ctx, download, report)
        await in_thread(download.require_one)
        created_at = await in_thread(download.created_at)
        taken_at = _taken_at(download, newest)
        earliest = taken_at if download.tells_its_day() else newest and min(newest, taken_at)
        async with ctx.transaction() as conn:
            await _publish(ctx, conn, download, report, profile, taken_at, earliest, created_at)
            await _facts(ctx, conn, download, report, taken_at)
            await imports.finish(conn, request, taken_at, report.to_json())
    ctx.log.info("export_imported", taken_at=taken_at.isoformat(), **_counts(report))


@asynccontextmanager
async def _opened(files: Files, request: Import) -> AsyncIterator[DataDownload]:
    with ExitStack() as stack:
        try:
            found = [stack.enter_context(await in_thread(files.open_reader, path)) for path in request.paths or ()]
        except FileNotFoundError:
            raise ArchiveGone from None
        if not found:
            raise ArchiveGone
        parts = list(zip(request.filenames, found, strict=True))
        archive = await in_thread(lambda: stack.enter_context(open_archive(parts)))
        yield DataDownload(archive, tuple(request.filenames))


def _checked(download: DataDownload) -> str | None:
    download.require_one()
    if not download.has_anything():
        raise ArchiveEmpty
    return download.username()


async def _survey(ctx: JobContext, download: DataDownload, report: Report) -> datetime | None:
    """Reads everything once without storing it, so that faults are found before anything is published.

    Returns the newest time in the lists, and fills the report's counts and the data download's headers.
    """
    newest: datetime | None = None
    for direction in Direction:
        if download.list_members(direction):
            part = report.parts[direction] = ListPart()
            async for batch in _batches(ctx, download.people(direction, part)):
                newest = max([at for at in (newest, *(one.at for one in batch)) if at is not None], default=None)
                ctx.progress("import", sum(found.named for found in report.parts.values()), None)
    await in_thread(download.require_one_form)
    report.others = await in_thread(download.other_lists)
    return newest


def _taken_at(download: DataDownload, newest: datetime | None) -> datetime:
    """The data download's own time, but never before its contents nor after now."""
    moments = [at for at in (download.made_at(), newest) if at is not None]
    now = datetime.now(UTC)
    return min(max(moments), now) if moments else now


async def _publish(
    ctx: JobContext,
    conn: WorkerConnection,
    download: DataDownload,
    report: Report,
    profile: ProfileRow,
    taken_at: datetime,
    earliest: datetime | None,
    created_at: datetime | None,
) -> None:
    whose = Whose(profile.user_id, profile.id, ctx.job.id, download.tells_its_day(), earliest)
    await publish_import.begin(conn)
    for direction in report.parts:
        uncertain = download.uncertain(direction) or None
        async for batch in _batches(ctx, download.people(direction, ListPart())):
            await publish_import.stage(conn, _rows(direction, batch, uncertain))
    async for batch in _batches(ctx, download.unfollowed_people(report.unfollowed)):
        await publish_import.stage(conn, _rows(publish_import.UNFOLLOWED, batch, None))
    lists = await publish_import.summaries(conn)
    counters = {Direction.FOLLOWER: profile.followers, Direction.FOLLOWING: profile.following}
    for direction, part in report.parts.items():
        summary = lists.get(direction) or Summary(direction, 0, None, None)
        other = lists.get(_other(direction))
        known = Known(
            window=download.window(),
            created_at=created_at,
            counter=counters[direction],
            other_oldest=other.oldest if other else None,
            other_count=other.count if other else 0,
        )
        listed = Listed(
            direction,
            summary.count,
            part.skipped,
            summary.oldest,
            download.gaps(direction),
            summary.undated,
            summary.twice,
        )
        report.published[direction] = await publish_import.publish(conn, whose, taken_at, listed, known)
        ctx.progress("publish", summary.count, summary.count)
    if report.parts:
        await publish_import.settle(conn, whose, taken_at, report.published)


async def _facts(
    ctx: JobContext, conn: WorkerConnection, download: DataDownload, report: Report, taken_at: datetime
) -> None:
    user_id, profile_id = ctx.job.user_id, ctx.job.profile_id
    if profile_id is None:
        raise NotConnected
    async for media in _batches(ctx, download.media()):
        known = [one for one in media if one is not None]
        report.media_skipped += len(media) - len(known)
        report.media.update(one.kind for one in known)
        rows = [ArchivedMedia(one.kind, one.posted_at, one.caption, one.files, one.uri or "") for one in known]
        await imported_insights.save_media(conn, user_id, profile_id, rows)
    async for found in _batches(ctx, download.insights(taken_at)):
        figures = [one for one in found if isinstance(one, Insight)]
        report.insights += len(figures)
        report.insights_unread.update(one.label for one in found if isinstance(one, Unread))
        await imported_insights.save_insights(conn, user_id, profile_id, taken_at, [_figure(one) for one in figures])
    report.insights_joined = await imported_insights.join_media(conn, user_id, profile_id)


def _figure(one: Insight) -> Figure:
    return Figure(one.metric, one.value, one.breakdown, one.posted_at, one.started_on, one.ended_on)


def _rows(direction: str, people: Iterable[Named], uncertain: timedelta | None) -> Iterator[NamedRow]:
    for one in people:
        off = (uncertain or timedelta()) + (one.uncertain or timedelta())
        yield NamedRow(direction, one.username, one.at, off if one.at and off else None)


def _other(direction: Direction) -> Direction:
    return Direction.FOLLOWING if direction is Direction.FOLLOWER else Direction.FOLLOWER


async def _batches(ctx: JobContext, found: Iterator[T]) -> AsyncIterator[list[T]]:
    """Yields a few thousand at a time, read in a thread: memory stays flat and the worker's beat goes on."""
    while batch := await in_thread(lambda: list(islice(found, _BATCH))):
        ctx.check()
        yield batch


async def _remove(ctx: JobContext, services: Services, request: Import) -> None:
    """Removes the files first, then the row; `worker.periodic.expired_files` finds the leftovers of a failure."""
    files = PersonFiles(services.files, request.user_id)
    for path in request.paths or ():
        await in_thread(files.delete, path)
    async with services.pool.connection() as conn:
        await imports.forget(conn, [request.id])


def _counts(report: Report) -> dict[str, int]:
    lists = {f"{direction}s": one.seen for direction, one in report.published.items()}
    return lists | {"media": report.media.total(), "insights": report.insights}
