"""Why a file is set aside, and why a reset is given up: in the words of whoever can act."""

from monitr_pipelines import settings
from monitr_pipelines.importing.uploads.source import UploadedFile
from monitr_pipelines.lifecycle.errors import (
    FileSetAside,
    FileUnread,
    ImportProblem,
    InconsistentData,
    ResetWithdrawn,
)
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.queue.uploads import Upload


def reason_of(error: Exception, upload: Upload, source: UploadedFile | None) -> ImportProblem:
    """Why a file cannot be imported; `source` is None where it could not even be opened."""
    if isinstance(error, MemoryError):
        return _too_big(upload)
    if isinstance(error, InconsistentData):
        return source.explain(error) if source else error
    if isinstance(error, ImportProblem):
        return error
    problem = FileUnread.caused_by(error, Message("file_unread", {"file": upload.file_name}))
    problem.__cause__ = error
    return problem


def _too_big(upload: Upload) -> ImportProblem:
    """It takes more memory than an import may use, and would at every import."""
    megabytes = settings.import_memory() // settings.MEGABYTE
    message = Message("file_too_big", {"file": upload.file_name, "megabytes": f"{megabytes:,}"})
    return InconsistentData(message, code="file_too_big")


def keeps_failing(upload: Upload, trouble: str) -> ImportProblem:
    """Twice the same trouble, which would have passed had it been by itself."""
    return FileSetAside(Message("file_keeps_failing", {"file": upload.file_name}), detail=trouble)


def reset_failed() -> ImportProblem:
    """A replay that failed again and again for what would have passed."""
    return ResetWithdrawn(Message("reset_withdrawn"))


def about_file(problem: ImportProblem, upload: Upload) -> None:
    """Say before a problem which of several files it is about."""
    problem.messages = (Message("of_file", {"file": upload.file_name}), *problem.messages)


def about_reset(problem: ImportProblem, upload: Upload | None) -> None:
    """Say before a problem that it kept a reset from being done, and which file it is about, if any."""
    if upload is not None:
        about_file(problem, upload)
    problem.messages = (Message("reset_withdrawn"), *problem.messages)
