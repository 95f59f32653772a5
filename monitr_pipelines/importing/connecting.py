"""Trying credentials out, and what a connection can see: before anything is imported through it."""

from collections.abc import Mapping, Sequence
from contextlib import closing

from monitr_pipelines import providers
from monitr_pipelines.importing.ports import UnstoredTokens, ports_of, ports_to_try
from monitr_pipelines.lifecycle.errors import EntityGone, Refused
from monitr_pipelines.providers.contract import Administration, CredentialField
from monitr_pipelines.providers.oauth import REFRESH_TOKEN, TOKENS
from monitr_pipelines.warehouse.registry import connections, organisations
from monitr_pipelines.warehouse.server.database import Connection


def connect(connection: Connection, organisation: str, provider_name: str, values: Mapping[str, str]) -> int:
    """Keep credentials of an organisation, by name or id, once the software accepts them; returns their id.

    Raises:
        Refused: There is no such organisation; a field is missing, or is none of the provider's.
        ReconnectNeeded: The software does not accept them; nothing is kept.
    """
    organisations.find(connection, organisation)
    return connections.add(connection, organisation, provider_name, _accepted(provider_name, values))


def reconnect(connection: Connection, connection_id: int, values: Mapping[str, str]) -> None:
    """Keep other credentials of a connection, once the software accepts them: its imports go on.

    Raises:
        Refused: There is no such connection; a field is missing, or is none of the provider's.
        ReconnectNeeded: The software does not accept them; the connection stays as it was.
    """
    provider_name = connections.provider_of(connection, connection_id)
    connections.store(connection, connection_id, _accepted(provider_name, values))


def administrations(provider_name: str, connection_id: int) -> Sequence[Administration]:
    """The companies that a stored connection can see."""
    return _administrations(provider_name, connection_id, None)


def administration(provider_name: str, connection_id: int, administration_id: str) -> Administration:
    """One company of a stored connection; EntityGone where it cannot see it."""
    for each in _administrations(provider_name, connection_id, administration_id):
        if each.id == administration_id:
            return each
    raise EntityGone(f"Connection {connection_id} does not see an administration {administration_id!r}.")


def _administrations(
    provider_name: str, connection_id: int, administration_id: str | None
) -> Sequence[Administration]:
    ports = ports_of(connection_id, provider_name)
    with closing(providers.find(provider_name).connect(administration_id, ports)) as source:
        return source.administrations()


def _accepted(provider_name: str, values: Mapping[str, str]) -> Mapping[str, str]:
    """Credentials that the software accepts, as they are after that."""
    tokens = UnstoredTokens(_complete(provider_name, values))
    with closing(providers.find(provider_name).connect(None, ports_to_try(tokens, provider_name))) as source:
        source.check()
    return tokens.read()


def _complete(provider_name: str, values: Mapping[str, str]) -> dict[str, str]:
    """The values that were given, all that are needed: tokens too where people sign in on a page."""
    provider = providers.find(provider_name)
    names = [field.name for field in provider.fields]
    needed = [field.name for field in provider.fields if not field.optional]
    if provider.sign_in is not None:
        names, needed = [*names, *TOKENS], [*needed, REFRESH_TOKEN]
    missing = [name for name in needed if not values.get(name)]
    unknown = [name for name in values if name not in names]
    unfit = [field.name for field in provider.fields if not _fits(field, values.get(field.name))]
    if missing or unknown or unfit:
        problem = _problem(missing, unknown, unfit)
        raise Refused(f"{provider_name} connects with {', '.join(names)}: {problem}.", code="bad_value")
    return {name: value for name, value in values.items() if value}


def _fits(field: CredentialField, value: str | None) -> bool:
    return not value or not field.choices or value in field.choices


def _problem(missing: Sequence[str], unknown: Sequence[str], unfit: Sequence[str]) -> str:
    for names, is_wrong in ((missing, "missing"), (unknown, "not known")):
        if names:
            return f"{', '.join(names)} {is_wrong}"
    return f"{', '.join(unfit)} is none of its choices"
