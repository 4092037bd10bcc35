"""Errors of the store that keeps exports and uploads."""

from shared.errors.tree import Permanent, Transient


class FilesAway(Transient):
    code = "files_away"
    sentence = "The store of files does not answer."
    next_step = "Nothing is lost. Try again in a moment; a job of Rollcall's does so by itself."


class FilesRefused(Permanent):
    code = "files_refused"
    sentence = "The store of files refuses this installation."
    next_step = "Run `rollcall doctor --hosted`: a key is wrong, or a bucket or its policies are missing."


class ForeignFile(Permanent):
    code = "foreign_file"
    sentence = "A file of this job does not lie in its person's own folder, so it was not opened."
    next_step = "Start the work again from its page. If it stays, look at who may write to the database."


class FileTooLarge(Permanent):
    code = "file_too_large"
    sentence = "The file is larger than the store of files takes."
    next_step = "Whoever runs this installation can raise the limit in the Supabase project's Storage settings."
