"""What Odoo raises, with how each of its interfaces tells it.

Fault codes: 1 anything unforeseen, 2 a warning for people, 3 wrong credentials, 4 no access.
"""

from http import HTTPStatus


class OdooError(Exception):
    """An error that reaches the client.

    `name` is the class as Odoo's JSON answers tell it, `fault` the code of XML-RPC, `status` that of JSON-2.
    """

    name = "builtins.ValueError"
    fault = 1
    status = HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def message(self) -> str:
        """What it says."""
        return str(self)


class BadValue(OdooError):
    """A field, a domain or an order that does not exist: `ValueError` inside Odoo."""


class BadCall(OdooError):
    """Arguments that a method does not take."""

    name = "builtins.TypeError"


class NoSuchMethod(OdooError):
    """A method that a model does not have."""

    name = "builtins.AttributeError"
    status = HTTPStatus.NOT_FOUND


class Unforeseen(OdooError):
    """Any exception of Python: Odoo passes it on by its class."""

    def __init__(self, problem: Exception) -> None:
        super().__init__(str(problem))
        self.name = f"builtins.{type(problem).__name__}"


class DatabaseProblem(OdooError):
    """What PostgreSQL refuses; its own words."""

    name = "psycopg2.errors.DatetimeFieldOverflow"


class NoSuchDatabase(OdooError):
    """A database that this server does not have."""

    name = "psycopg2.OperationalError"


class UserError(OdooError):
    """Something that a person is told."""

    name = "odoo.exceptions.UserError"
    fault = 2
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class MissingError(OdooError):
    """A record that is not there (any more)."""

    name = "odoo.exceptions.MissingError"
    fault = 2
    status = HTTPStatus.NOT_FOUND


class AccessDenied(OdooError):
    """Wrong credentials."""

    name = "odoo.exceptions.AccessDenied"
    fault = 3
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("Access Denied")


class AccessError(OdooError):
    """Credentials that may not do this."""

    name = "odoo.exceptions.AccessError"
    fault = 4
    status = HTTPStatus.FORBIDDEN


class HttpError(OdooError):
    """What JSON-2 answers before a method is called."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.name = f"werkzeug.exceptions.{status.phrase.replace(' ', '')}"


def traceback_of(error: OdooError) -> str:
    """What stands in `debug` and in faults of code 1: paths of the server, as Odoo gives them away."""
    return (
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3/dist-packages/odoo/http.py", line 2164, in _transactioning\n'
        "    return service_model.retrying(func, env=self.env)\n"
        '  File "/usr/lib/python3/dist-packages/odoo/service/model.py", line 156, in retrying\n'
        "    result = func()\n"
        f"{error.name.removeprefix('builtins.')}: {error.message}\n"
    )
