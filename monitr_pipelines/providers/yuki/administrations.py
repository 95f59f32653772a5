"""The administrations that a key opens, in whatever domain they are."""

from collections.abc import Iterator

from monitr_pipelines.lifecycle.errors import EntityGone
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.yuki.api import Api
from monitr_pipelines.providers.yuki.datasets import ADMINISTRATIONS, DOMAINS, TITLE
from monitr_pipelines.providers.yuki.values import Row, needed, truth


def active(api: Api) -> list[Row]:
    """Those that are not closed, each once."""
    found = {identity(row): row for rows in _by_domain(api) for row in rows}
    return [row for row in found.values() if truth(row, "Active")]


def entered(api: Api, administration: str) -> Row:
    """One of them, in whose domain the session works from now on.

    Raises:
        EntityGone: The key does not open it, or it is closed.
    """
    rows = api.rows(ADMINISTRATIONS)
    found = _of(administration, rows)
    if found is None:
        found = next(filter(None, (_of(administration, rows) for rows in _by_domain(api))), None)
    elif len({row.get("DomainID") for row in rows}) > 1:
        api.enter(needed(found, "DomainID"))
    if found is None:
        raise EntityGone(Message("administration_hidden", {"title": TITLE}))
    if not truth(found, "Active"):
        raise EntityGone(Message("administration_archived", {"title": TITLE}))
    return found


def identity(row: Row) -> str:
    """The id of an administration."""
    return needed(row, "ID").lower()


def _by_domain(api: Api) -> Iterator[list[Row]]:
    """The administrations of each domain of the key; a key of one domain works in it already."""
    domains = api.rows(DOMAINS)
    if len(domains) <= 1:
        yield api.rows(ADMINISTRATIONS)
        return
    for domain in domains:
        api.enter(needed(domain, "ID"))
        yield api.rows(ADMINISTRATIONS)


def _of(administration: str, rows: list[Row]) -> Row | None:
    return next((row for row in rows if identity(row) == administration.lower()), None)
