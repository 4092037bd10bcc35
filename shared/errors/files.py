"""Errors of the store that keeps exports and uploads."""

from shared.errors.tree import Permanent, Transient
from shared.messages import Message


class FilesAway(Transient):
    code = "files_away"
    sentence = Message("The file store does not answer.")
    next_step = Message("Nothing is lost. Try again in a moment; a job of Rollcall's does so by itself.")


class FilesRefused(Permanent):
    code = "files_refused"
    sentence = Message("The file store refuses this installation.")
    next_step = Message("Run `rollcall doctor --hosted`: a key is wrong, or a bucket or its policies are missing.")


class ForeignFile(Permanent):
    code = "foreign_file"
    sentence = Message("A file of this job is not in its user's own folder, so it was not opened.")
    next_step = Message("Start the work again from its page. If it stays, look at who may write to the database.")


class FileTooLarge(Permanent):
    code = "file_too_large"
    sentence = Message("The file is larger than the file store allows.")
    next_step = Message("The operator can raise the limit in the Supabase project's Storage settings.")
