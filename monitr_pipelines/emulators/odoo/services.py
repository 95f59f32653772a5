"""The services `common` and `object` behind XML-RPC and JSON-RPC."""

from collections.abc import Mapping, Sequence

from monitr_pipelines.emulators.odoo.calls import bound, find
from monitr_pipelines.emulators.odoo.errors import AccessDenied, BadCall, NoSuchDatabase, NoSuchMethod
from monitr_pipelines.emulators.odoo.models import State
from monitr_pipelines.emulators.odoo.wire import Plain, Raw


def version_info(version: int) -> dict[str, Plain]:
    """What `common.version` answers."""
    return {
        "server_version": f"{version}.0",
        "server_version_info": [version, 0, 0, "final", 0, ""],
        "server_serie": f"{version}.0",
        "protocol_version": 1,
    }


def dispatch(state: State, service: str, method: str, arguments: Sequence[Raw]) -> Plain:
    """The answer of a service.

    Raises:
        AccessDenied: Wrong credentials; or the service `db`, whose list is not given away.
        NoSuchMethod: There is no such service or method.
        NoSuchDatabase: This server does not have the database.
    """
    if service == "common":
        return _common(state, method, arguments)
    if service == "object":
        return _object(state, method, arguments)
    if service == "db":
        raise AccessDenied
    raise NoSuchMethod(f"No such service: {service}")


def signed_in(state: State, login: Raw, secret: Raw) -> bool:
    """Whether a password, or an API key in its place, is that of the user."""
    return login in (state.user.login, state.user.id) and secret in (state.user.password, state.user.key)


def _common(state: State, method: str, arguments: Sequence[Raw]) -> Plain:
    if method == "version":
        return version_info(state.version)
    if method not in ("authenticate", "login"):
        raise NoSuchMethod(f"Method not found: {method}")
    if len(arguments) != (4 if method == "authenticate" else 3):
        raise BadCall(f"exp_{method}() takes another number of arguments than {len(arguments)}")
    database, login, secret, *_ = arguments
    _known(state, database)
    return state.user.id if signed_in(state, login, secret) else False


def _object(state: State, method: str, arguments: Sequence[Raw]) -> Plain:
    if method not in ("execute", "execute_kw"):
        raise NoSuchMethod(f"Method not available {method}")
    if len(arguments) < 5:
        raise BadCall(f"{method}() missing required positional arguments")
    database, user, secret, model, name, *rest = arguments
    _known(state, database)
    if user != state.user.id or not signed_in(state, user, secret):
        raise AccessDenied
    positional, named = (rest, {}) if method == "execute" else _packed(rest)
    named = dict(named)
    context = named.pop("context", None) or {}
    found = find(state, model, name, context)
    return bound(found, positional, named)


def _packed(rest: Sequence[Raw]) -> tuple[Sequence[Raw], Mapping[str, Raw]]:
    """Arguments as `execute_kw` has them: a list, then names where there are any."""
    if len(rest) > 2 or (rest and not isinstance(rest[0], list | tuple)):
        raise BadCall("execute_kw() takes a list of arguments and a mapping of named ones")
    positional = rest[0] if rest else ()
    named = rest[1] if len(rest) == 2 and rest[1] else {}
    return positional, named


def _known(state: State, database: Raw) -> None:
    if database != state.database:
        raise NoSuchDatabase(
            'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: '
            f'FATAL:  database "{database}" does not exist\n'
        )
