"""Opening an export: whatever is wrong with the file is found before anything is unpacked, and has its sentence."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest

from shared.domain.social import Direction
from shared.errors import (
    ArchiveDamaged,
    ArchiveEmpty,
    ArchiveEncrypted,
    ArchiveForeign,
    ArchiveNested,
    ArchiveRefused,
    ArchiveTooLarge,
    ArchiveUnsafe,
    NotAnArchive,
)
from tests.rig import archives
from worker.importers.data_download.container import Archive, open_archive
from worker.importers.data_download.download import DataDownload, ListPart
from worker.importers.data_download.limits import Limits

LIST = f"{archives.FOLLOWS}followers_1.json"


def opens(content: bytes, name: str = "export.zip", limits: Limits | None = None) -> Archive:
    with open_archive([(name, io.BytesIO(content))], limits) as archive:
        return archive


def made(
    change: Callable[[zipfile.ZipInfo], None] | None = None, name: str = "media/x.json", content: bytes = b"[]"
) -> bytes:
    """A ZIP with one list whose directory entry was changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(LIST, "[]")
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, content)
        if change is not None:
            change(archive.infolist()[-1])
    return out.getvalue()


def setting(**values: int) -> Callable[[zipfile.ZipInfo], None]:
    def change(info: zipfile.ZipInfo) -> None:
        for name, value in values.items():
            setattr(info, name, value)

    return change


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(b"", NotAnArchive, id="an empty file"),
        pytest.param(b"%PDF-1.7", NotAnArchive, id="a PDF"),
        pytest.param(b"Rar!\x1a\x07", NotAnArchive, id="another archive"),
        pytest.param(archives.zipped(archives.lists({}))[:-30], ArchiveDamaged, id="a download that broke off"),
        pytest.param(made(setting(flag_bits=1)), ArchiveEncrypted, id="encrypted"),
        pytest.param(made(setting(external_attr=0o120777 << 16)), ArchiveUnsafe, id="a symbolic link"),
        pytest.param(made(setting(external_attr=0o010666 << 16)), ArchiveUnsafe, id="a pipe"),
        pytest.param(made(setting(compress_type=zipfile.ZIP_LZMA)), ArchiveUnsafe, id="another compression"),
        pytest.param(made(setting(file_size=200_000_000)), ArchiveTooLarge, id="a ratio beyond measure"),
        pytest.param(made(setting(compress_size=5_000)), ArchiveUnsafe, id="members that share bytes"),
        pytest.param(made(name="../../etc/passwd"), ArchiveUnsafe, id="a path that leads out"),
        pytest.param(made(name="a/../../b.json"), ArchiveUnsafe, id="a path that leads out on its way"),
        pytest.param(made(name="/etc/passwd"), ArchiveUnsafe, id="an absolute path"),
        pytest.param(made(name="C:\\x.json"), ArchiveUnsafe, id="a drive"),
        pytest.param(made(name="..\\x.json"), ArchiveUnsafe, id="a path of another system that leads out"),
        pytest.param(made(name="a\nb.json"), ArchiveUnsafe, id="a control character"),
        pytest.param(made(name="a/" * 30 + "b.json"), ArchiveUnsafe, id="too deep"),
        pytest.param(made(name="a" * 600), ArchiveUnsafe, id="too long a path"),
        pytest.param(archives.zipped({}), ArchiveEmpty, id="an empty ZIP"),
        pytest.param(archives.zipped({"inside.zip": b"PK"}), ArchiveNested, id="a ZIP of ZIPs"),
        pytest.param(archives.zipped({"a.jpg": b"x", "b/c.mp4": b"x"}), ArchiveForeign, id="pictures"),
        pytest.param(archives.zipped({"notes.txt": b"x"}), ArchiveForeign, id="anything else"),
        pytest.param(archives.zipped({"connections/friends/your_friends.json": "{}"}), ArchiveForeign, id="Facebook"),
        pytest.param(archives.zipped({"user_data_tiktok.json": "{}"}), ArchiveForeign, id="TikTok"),
    ],
)
def test_each_fault_has_its_error_and_its_sentence(content: bytes, error: type[ArchiveRefused]) -> None:
    with pytest.raises(error) as raised:
        opens(content)
    assert raised.value.message.endswith(".")
    assert raised.value.next_step


def test_the_directory_is_measured_before_it_is_read() -> None:
    media: archives.Members = {f"media/{number}.jpg": b"" for number in range(30)}
    content = archives.zipped(media | archives.lists({}))
    with pytest.raises(ArchiveTooLarge):
        opens(content, limits=Limits(members=20))
    with pytest.raises(ArchiveTooLarge):
        opens(content, limits=Limits(directory_bytes=500))
    with pytest.raises(ArchiveTooLarge):
        opens(content, limits=Limits(file_bytes=1000))
    # A directory that claims to be larger than any is not even looked for.
    end = content.rindex(b"PK\x05\x06")
    lying = content[: end + 12] + struct.pack("<L", 0xF0000000) + content[end + 16 :]
    with pytest.raises(ArchiveTooLarge):
        opens(lying)


def test_a_member_is_never_unpacked_beyond_its_limit() -> None:
    archive = opens(archives.zipped({LIST: b" " * 5000 + b"[]"}), limits=Limits(read_bytes=4000))
    (member,) = archive.members
    with pytest.raises(ArchiveTooLarge), archive.reading(member):
        pass


def test_a_member_whose_bytes_are_wrong_is_damaged() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made_zip:
        made_zip.writestr(LIST, b'[{"title": "ann"}]')
    archive = opens(out.getvalue().replace(b'"ann"', b'"bob"', 1))
    with pytest.raises(ArchiveDamaged), archive.reading(archive.members[0]) as stream:
        stream.read()


def test_lists_are_found_whatever_the_years_folders_are_called() -> None:
    people = archives.followers_2023({})
    for prefix in ("", "instagram-ann-2026/", "followers_and_following/", "connections/"):
        download = DataDownload(
            opens(archives.zipped({"followers_1.json": people, "x/notes.txt": ""}, prefix=prefix)), ()
        )
        assert len(download.list_members(Direction.FOLLOWER)) == 1


def test_numbered_files_are_read_in_their_order_and_a_gap_is_noticed() -> None:
    names = ["followers_10.json", "followers_2.json", "followers_1.json"]
    download = DataDownload(opens(archives.zipped(dict.fromkeys(names, "[]"))), ())
    found = [member.file_name for member in download.list_members(Direction.FOLLOWER)]
    assert found == ["followers_1.json", "followers_2.json", "followers_10.json"]
    assert download.gaps(Direction.FOLLOWER)
    assert not download.gaps(Direction.FOLLOWING)


def test_a_single_list_may_be_handed_over_without_its_zip() -> None:
    download = DataDownload(opens(b'\xef\xbb\xbf [{"title": "ann"}]', "followers_1.json"), ())
    part = ListPart()
    assert [one.username for one in download.people(Direction.FOLLOWER, part)] == ["ann"]
    # And again: every reading begins at the beginning.
    assert [one.username for one in download.people(Direction.FOLLOWER, part)] == ["ann"]


def test_the_file_says_whose_it_is_and_of_which_day() -> None:
    members = archives.lists({})
    name = "instagram-ann.test-2026-06-03-a1B2c3D4.zip"
    assert DataDownload(opens(archives.zipped(members)), (name,)).username() == "ann.test"
    stated = DataDownload(opens(archives.zipped(members | archives.personal("bob.test"))), (name,))
    assert stated.username() == "bob.test"
