"""A request of a program that is not accepted, before any import was asked for."""


class Rejected(Exception):
    """Answered with an HTTP status, a stable code and a sentence that tells what to do."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
