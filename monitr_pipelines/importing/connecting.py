"""Trying credentials out, keeping them, and what a connection can see, before it imports anything.

No transaction is open while a software is asked. Whoever calls may have the rights of the web process: it
stores credentials that a person just gave, and reads none.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

from monitr_pipelines import providers
from monitr_pipelines.importing.offered import refuse_held_back
from monitr_pipelines.importing.ports import UnstoredTokens, ports_of, ports_to_try
from monitr_pipelines.lifecycle.errors import EntityGone, ImportProblem, Refused
from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.providers.contract import Administration, CredentialField, Provider
from monitr_pipelines.providers.oauth import ACCESS_TOKEN, REFRESH_TOKEN, TOKENS
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import administrations as seen
from monitr_pipelines.warehouse.registry import changes, connections, organisations
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.server.database import Connection

LONGEST_LABEL = 200


@dataclass(frozen=True)
class Accepted:
    """Credentials that a software accepts, as they are after that, and the companies that they see."""

    provider: str
    credentials: Mapping[str, str] = field(repr=False)
    administrations: Sequence[Administration]


def try_out(provider_name: str, values: Mapping[str, str]) -> Accepted:
    """Ask a software whether it accepts credentials, and what they see; nothing is kept.

    Raises:
        Refused: A field is missing, or is none of the provider's.
        ReconnectNeeded: The software does not accept them.
        ProviderDown: It does not answer.
    """
    return accepted(provider_name, complete(provider_name, values, with_tokens=True))


def accepted(provider_name: str, credentials: Mapping[str, str]) -> Accepted:
    """The same for credentials that a software gave: they have names of its own."""
    tokens = UnstoredTokens(credentials)
    ports = ports_to_try(tokens, provider_name)
    with closing(providers.find(provider_name).connect(None, ports)) as source:
        source.check()
        visible = list(source.administrations())
    return Accepted(provider_name, dict(tokens.read()), visible)


def label_of(provider_name: str, values: Mapping[str, str]) -> str:
    """What tells a connection from others of its software: what was given and is no secret."""
    fields = [field.name for field in providers.find(provider_name).fields if not field.secret]
    return " · ".join(values[name] for name in fields if values.get(name))[:LONGEST_LABEL]


def keep(connection: Connection, organisation: str, found: Accepted, *, label: str, person: str) -> int:
    """Keep what was accepted as a connection of an organisation, by name or id; returns its id."""
    with connection.transaction():
        owner = organisations.find(connection, organisation)
        made = connections.add(
            connection, str(owner), found.provider, found.credentials, label=label, person=person
        )
        seen.keep(connection, made, found.administrations)
        changes.record(connection, owner, person, Action.CONNECTED, named(found.provider, label))
    return made


def keep_again(
    connection: Connection, connection_id: int, found: Accepted, *, label: str | None, person: str
) -> None:
    """Keep what was accepted in the place of a connection's credentials: its imports go on, at once.

    Raises:
        Refused: There is no such connection, or it is one to another software.
        OtherAccount: They do not see everything that the connection imports; it stays as it was.
    """
    with connection.transaction():
        connected = connections.find(connection, connection_id)
        if connected["provider"] != found.provider:
            raise Refused(f"Connection {connection_id} is one to {connected['provider']}.")
        seen.refuse_other_account(connection, connection_id, found.administrations)
        connections.store(connection, connection_id, found.credentials, label=label, person=person)
        seen.keep(connection, connection_id, found.administrations)
        subject = named(found.provider, label or connected["label"])
        changes.record(connection, connected["organisation_id"], person, Action.RECONNECTED, subject)
        for row in seen.listed(connection, connection_id):
            if row["entity_status"] == "Active":
                _import_again(connection, row["entity_key"], person)


def connect(
    connection: Connection, organisation: str, provider_name: str, values: Mapping[str, str], person: str
) -> int:
    """Keep credentials of an organisation, by name or id, once the software accepts them; returns their id.

    Raises:
        Refused: There is no such organisation; a field is missing, or is none of the provider's.
        ReconnectNeeded: The software does not accept them; nothing is kept.
    """
    organisations.find(connection, organisation)
    found = try_out(provider_name, values)
    return keep(connection, organisation, found, label=label_of(provider_name, values), person=person)


def reconnect(connection: Connection, connection_id: int, values: Mapping[str, str], person: str) -> None:
    """Keep other credentials of a connection, once the software accepts them: its imports go on.

    Raises:
        Refused: There is no such connection; a field is missing, or is none of the provider's; they do not
            see what the connection imports.
        ReconnectNeeded: The software does not accept them; the connection stays as it was.
    """
    provider_name = connections.provider_of(connection, connection_id)
    found = try_out(provider_name, values)
    keep_again(connection, connection_id, found, label=label_of(provider_name, values), person=person)


def remove(connection: Connection, connection_id: int, person: str) -> None:
    """Forget the credentials of a connection; entities, their history and figures stay.

    Raises:
        Refused: There is no such connection, or it was removed.
    """
    with connection.transaction():
        connected = connections.find(connection, connection_id)
        connections.remove(connection, connection_id)
        subject = named(connected["provider"], connected["label"])
        changes.record(connection, connected["organisation_id"], person, Action.CONNECTION_REMOVED, subject)


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
        return list(source.administrations())


def named(provider_name: str, label: str) -> str:
    """A connection as people know it: the software, and what tells it from others."""
    title = providers.title_of(provider_name)
    return f"{title} ({label})" if label else title


def _import_again(connection: Connection, entity_key: str, person: str) -> None:
    """What the gate refuses, its card explains."""
    with suppress(ImportProblem):
        requests.request(connection, entity_key, trigger=Trigger.RECONNECTED, requested_by=person)


def complete(provider_name: str, values: Mapping[str, str], *, with_tokens: bool = False) -> dict[str, str]:
    """Values for every field of a provider, and tokens too where people sign in on its page and have them.

    Raises:
        Refused: One is missing, or is none of the provider's; it is in preview, and not to be connected here.
    """
    provider = providers.find(provider_name)
    refuse_held_back(provider)
    names = [field.name for field in provider.fields]
    needed = [
        field.name for field in provider.fields if not field.optional and (with_tokens or not field.returned)
    ]
    if with_tokens and provider.sign_in is not None:
        names = [*names, *TOKENS]
        needed = needed if _is_token_enough(provider, values) else [*needed, REFRESH_TOKEN]
    missing = [name for name in needed if not values.get(name)]
    unknown = [name for name in values if name not in names]
    unfit = [field.name for field in provider.fields if not _fits(field, values.get(field.name))]
    if missing or unknown or unfit:
        problem = _problem(missing, unknown, unfit)
        raise Refused(f"{provider_name} connects with {', '.join(names)}: {problem}.", code="bad_value")
    return {name: value for name, value in values.items() if value}


def _is_token_enough(provider: Provider, values: Mapping[str, str]) -> bool:
    """Whether an access token alone will do: of a software whose credentials do not end by themselves."""
    return bool(values.get(ACCESS_TOKEN)) and provider.longest_rest is None


def _fits(field: CredentialField, value: str | None) -> bool:
    return not value or not field.choices or value in field.choices


def _problem(missing: Sequence[str], unknown: Sequence[str], unfit: Sequence[str]) -> str:
    for names, is_wrong in ((missing, "missing"), (unknown, "not known")):
        if names:
            return f"{', '.join(names)} {is_wrong}"
    return f"{', '.join(unfit)} is none of its choices"
