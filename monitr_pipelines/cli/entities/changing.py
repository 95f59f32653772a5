"""`monitr entity add`, `set`, `found` and `monitr reset`: who is imported, and how."""

import re
from typing import Annotated, Any

import typer

from monitr_pipelines import providers
from monitr_pipelines.cli.entities import partition
from monitr_pipelines.cli.entities.naming import Key
from monitr_pipelines.cli.output import say
from monitr_pipelines.cli.person import noted_of, person
from monitr_pipelines.cli.services import prepare
from monitr_pipelines.importing import connecting
from monitr_pipelines.ledger.periods import FiscalCalendar
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.providers import FILE
from monitr_pipelines.warehouse.registry import connections, entities
from monitr_pipelines.warehouse.registry.changes import Action
from monitr_pipelines.warehouse.reports import own_structures
from monitr_pipelines.warehouse.server import database

SETTINGS = frozenset(
    {
        "delimiter",
        "decimal",
        "thousands",
        "date_format",
        "encoding",
        "code_digits",
        "largest_loss",
        "months_by",
        entities.PRIMARY_AXIS,
        entities.FISCAL_YEARS,
    }
)

Name = Annotated[str | None, typer.Option(help="The company's name.")]
Administration = Annotated[str | None, typer.Option(help="The provider's own id of the administration.")]
Currency = Annotated[str | None, typer.Option(help="Three letters; default EUR.")]
YearStart = Annotated[int | None, typer.Option("--fiscal-year-start", help="Month 1 to 12; default 1.")]
Country = Annotated[str | None, typer.Option(help="Two letters: BE, FR, NL, ...; default BE.")]
ResultAccount = Annotated[
    str | None, typer.Option(help="Account that takes the result at the turn of the year.")
]
Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help=f"One of {', '.join(sorted(SETTINGS))}."),
]


def add(
    org: Annotated[str, typer.Option(help="Name or id of the organisation.")],
    name: Name = None,
    provider: Annotated[str, typer.Option(help="`file` for ledger files, or as the connection.")] = FILE,
    connection_id: Annotated[
        int | None, typer.Option("--connection", help="The connection that it is imported through.")
    ] = None,
    administration: Administration = None,
    currency: Currency = None,
    fiscal_year_start: YearStart = None,
    country: Country = None,
    result_account: ResultAccount = None,
    structure: Annotated[
        str | None, typer.Option(help="Reporting structure; default that of the country.")
    ] = None,
    settings: Setting = None,
) -> None:
    """Register an entity and print its key; of one with a connection the first import is requested too.

    Name, currency and fiscal year of an administration are those of the accounting software, unless
    others are given.
    """
    if provider not in providers.names():
        raise Refused(f"There is no provider {provider!r}; there is {', '.join(providers.names())}.")
    values = _values(name, administration, currency, fiscal_year_start, country, result_account, settings)
    prepare()
    with database.connect(autocommit=True) as connection:
        if connection_id is not None:
            provider = connections.provider_of(connection, connection_id)
            values = _known_of(provider, connection_id, administration, values)
        if values["name"] is None:
            raise Refused("Give the company a --name.", code="bad_value")
        with connection.transaction():
            key = entities.add_entity(connection, org, provider, values, connection_id=connection_id)
            if structure is not None:
                own_structures.assign(connection, key, structure)
            noted_of(connection, key, Action.ENTITY_ADDED)
    typer.echo(key)
    partition.add(key)


def change(
    entity: Key,
    name: Name = None,
    administration: Administration = None,
    currency: Currency = None,
    fiscal_year_start: YearStart = None,
    country: Country = None,
    result_account: ResultAccount = None,
    settings: Setting = None,
) -> None:
    """Change an entity; the next import regenerates its reports accordingly."""
    values = _values(name, administration, currency, fiscal_year_start, country, result_account, settings)
    prepare()
    with database.connect(autocommit=True) as connection, connection.transaction():
        entities.change_entity(connection, entity, values)
        noted_of(connection, entity, Action.ENTITY_CHANGED)


def mark_found(entity: Key) -> None:
    """Say that the administration is there again and the connection works: its imports go on."""
    prepare()
    with database.connect(autocommit=True) as connection, connection.transaction():
        entities.mark_found(connection, entities.find(connection, entity).id)
        noted_of(connection, entity, Action.ENTITY_FOUND)
    say(f"{entity} is imported again")


def reset(entity: Key) -> None:
    """Make the next import of an entity a full one; its figures stay visible until that succeeds."""
    prepare()
    with database.connect(autocommit=True) as connection:
        entities.reset(connection, entity, person())
    say(f"the next import of {entity} fetches everything")


def _values(
    name: str | None,
    administration: str | None,
    currency: str | None,
    fiscal_year_start: int | None,
    country: str | None,
    result_account: str | None,
    settings: list[str] | None,
) -> dict[str, Any]:
    pairs = dict(_pair(text) for text in settings or [])
    loss = pairs.get("largest_loss", "0")
    if not re.fullmatch(r"0(\.\d+)?|1", loss):
        raise Refused(f"largest_loss is the share of its lines that a month may lose, 0 to 1, not {loss!r}.")
    if pairs.get("months_by", "date") not in {"date", "period"}:
        raise Refused(
            "months_by is `date` or `period`: whether reports count a line in the month of its date "
            f"or in its period, not {pairs['months_by']!r}."
        )
    start = 1 if fiscal_year_start is None else fiscal_year_start
    try:
        FiscalCalendar.parse(start, pairs.get(entities.FISCAL_YEARS, ""))
    except ValueError as error:
        raise Refused(str(error)) from None
    return {
        "name": name,
        "administration": administration,
        "currency": currency.upper() if currency else None,
        "fiscal_year_start": fiscal_year_start,
        "country": country.upper() if country else None,
        "result_account": result_account,
        entities.PRIMARY_AXIS: pairs.pop(entities.PRIMARY_AXIS, None),
        "settings": pairs or None,
    }


def _known_of(
    provider: str, connection_id: int, administration: str | None, values: dict[str, Any]
) -> dict[str, Any]:
    """What the accounting software knows of an administration, where the command does not say it."""
    if administration is None:
        raise Refused(
            f"Say which --administration; `monitr connection administrations {connection_id}` lists them.",
            code="bad_value",
        )
    found = connecting.administration(provider, connection_id, administration)
    known = {"name": found.name, "currency": found.currency, "fiscal_year_start": found.fiscal_year_start}
    return values | {name: values[name] or value for name, value in known.items()}


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or name not in SETTINGS:
        raise Refused(
            f"{text!r} is not a setting; write KEY=VALUE, KEY one of {', '.join(sorted(SETTINGS))}."
        )
    return name, value
