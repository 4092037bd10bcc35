"""Sends a requested file: from this machine, or by a link to its storage."""

from __future__ import annotations

import os
from datetime import datetime
from typing import BinaryIO

from flask import Response, make_response, redirect, send_file

from shared import logs
from web.exports import download_links
from web.services import services

_log = logs.get("web.exports.export_page")


def file_response(
    path: str | None, name: str, kind: str, now: datetime, expires_at: datetime | None
) -> Response | None:
    """The file itself, with `kind` as its media type, or a redirect to its link; None when it does not exist.

    Raises FilesAway. The storage's link lasts as long as a link of ours.
    """
    if path is None:
        return None
    until = download_links.lasts(services().settings.export_link_lifetime, now, expires_at)
    try:
        link = services().files.link(path, until - now, name)
        if link is None:
            return _sent(services().files.open_reader(path), name, kind)
    except FileNotFoundError:
        _log.warning("exports.file_missing", path=path)
        return None
    return _private(make_response(redirect(link)))


def _sent(file: BinaryIO, name: str, kind: str) -> Response:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    answer = send_file(file, kind, as_attachment=True, download_name=name)
    answer.content_length = size
    return _private(answer)


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
