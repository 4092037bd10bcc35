"""Errors of reading an uploaded data download."""

from shared.errors.tree import Permanent
from shared.messages import Message

_ASK_FOR_DOWNLOAD = Message(
    "Ask for it in Instagram's Accounts Center under Your information and permissions, Export your information: "
    "format JSON, date range All time, Followers and following. Then upload that file."
)


class ArchiveRefused(Permanent):
    """An uploaded data download that cannot be read. Nothing of it is stored, and earlier imports stay."""

    code = "archive_refused"
    sentence = Message("This data download cannot be read.")
    next_step = _ASK_FOR_DOWNLOAD


class NotAnArchive(ArchiveRefused):
    code = "not_an_archive"
    sentence = Message("This is not a ZIP file.")
    next_step = Message("Upload the file as Instagram gave it to you; its name ends in .zip. Do not unpack it first.")


class ArchiveDamaged(ArchiveRefused):
    code = "archive_damaged"
    sentence = Message("The file is damaged or was not downloaded to its end.")
    next_step = Message("Download it again from Instagram, then upload it again.")


class ArchiveEncrypted(ArchiveRefused):
    code = "archive_encrypted"
    sentence = Message("The ZIP file is protected by a password; Instagram's own are not.")
    next_step = Message("Upload the file as Instagram gave it to you.")


class ArchiveNested(ArchiveRefused):
    code = "archive_nested"
    sentence = Message("This ZIP file holds other ZIP files, and no lists of its own.")
    next_step = Message(
        "Unpack it once and upload the files inside it; you can upload all parts of one data download together."
    )


class ArchiveTooLarge(ArchiveRefused):
    code = "archive_too_large"
    sentence = Message("The file is too large for a data download, or unpacks to too much.")
    next_step = _ASK_FOR_DOWNLOAD


class ArchiveUnsafe(ArchiveRefused):
    code = "archive_unsafe"
    sentence = Message("The file holds entries that no data download of Instagram has, so nothing was unpacked.")
    next_step = Message("Upload the file as Instagram gave it to you, not one that was packed again.")


class ArchiveForeign(ArchiveRefused):
    code = "archive_foreign"
    sentence = Message("This is not a data download of Instagram.")


class ArchiveEmpty(ArchiveRefused):
    code = "archive_empty"
    sentence = Message("This data download holds neither followers nor anything else that Rollcall reads.")


class ArchiveOfAnother(ArchiveRefused):
    code = "archive_of_another"
    sentence = Message("This data download belongs to another account than the one you uploaded it for.")
    next_step = Message("Upload it under the username of its own account.")


class ArchiveMixed(ArchiveRefused):
    """Files of two accounts or two days are never read as one list."""

    code = "archive_mixed"
    sentence = Message("These files are not the parts of one data download.")
    next_step = Message("Upload each data download alone, with all of its own parts and nothing else.")


class ArchiveGone(ArchiveRefused):
    code = "archive_gone"
    sentence = Message("The uploaded file is no longer there.")
    next_step = Message("Upload it again.")
