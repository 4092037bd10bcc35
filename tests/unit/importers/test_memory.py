"""A full export of half a gigabyte, with a list of a hundred thousand, read in flat memory."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPO
from tests.rig.archives import FOLLOWS

_MIB = 1024 * 1024
_PEOPLE = 100_000
# In a process of its own: the highest memory that this one ever had would hide what reading takes.
_READ = """
import resource, sys
from shared.domain.social import Direction
from worker.importers.data_download.container import open_archive
from worker.importers.data_download.download import DataDownload, ListPart

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = peak()
with open(sys.argv[1], "rb") as file, open_archive([("export.zip", file)]) as archive:
    part = ListPart()
    for _ in DataDownload(archive, ("export.zip",)).people(Direction.FOLLOWER, part):
        pass
print(part.named, part.skipped, peak() - before)
"""


def _large_export(path: Path) -> None:
    noise = os.urandom(_MIB)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(50):
            with archive.open(f"media/posts/{number}.mp4", "w") as video:
                for _ in range(10):
                    video.write(noise)
        info = zipfile.ZipInfo(f"{FOLLOWS}followers_1.json")
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w") as people:
            people.write(b"[")
            for start in range(0, _PEOPLE, 1000):
                people.write(b"".join(_entry(number) for number in range(start, start + 1000)))
            people.write(_entry(_PEOPLE).rstrip(b",") + b"]")


def _entry(number: int) -> bytes:
    return (
        b'{"title": "", "media_list_data": [], "string_list_data": [{"href": "https://www.instagram.com/user%d",'
        b' "value": "user%d", "timestamp": %d}]},' % (number, number, 1_500_000_000 + number)
    )


@pytest.mark.slow
def test_half_a_gigabyte_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    _large_export(path)
    assert path.stat().st_size > 500 * _MIB
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], cwd=REPO, capture_output=True, text=True, check=True, timeout=600
    )
    named, skipped, grown = map(int, done.stdout.split())
    assert (named, skipped) == (_PEOPLE + 1, 0)
    kibibytes = grown if sys.platform.startswith("linux") else grown // 1024
    assert kibibytes < 60 * 1024, f"reading took {kibibytes // 1024} MiB more"
