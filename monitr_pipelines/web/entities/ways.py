"""Where a remedy is done: the page that it names, as a link beside it."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from monitr_pipelines.lifecycle.codes import REMEDIES
from monitr_pipelines.web.entities.cards import Card, Trouble
from monitr_pipelines.web.entities.history import Past
from monitr_pipelines.web.shell.addresses import BILLING, ENTITIES, INTEGRATIONS
from monitr_pipelines.web.shell.visitor import Visitor

TO_CONNECT = frozenset({"reconnect_needed", "connection_removed"})
TO_CHOOSE = frozenset({"entity_gone", "not_importing"})
TO_PAY = frozenset({"subscription_inactive", "subscription_unknown"})
TO_READ = frozenset({"inconsistent_data", "unfit_lines"})
# Their remedy is another file, though they are no different for ledger files.
ANOTHER_FILE = frozenset(
    {
        "file_refused",
        "file_too_big",
        "unknown_format",
        "needs_answer",
        "no_ledger_file",
        "file_unread",
        "file_set_aside",
    }
)


Way: TypeAlias = tuple[str, str]


def way(visitor: Visitor, card: Card, trouble: Trouble) -> Way | None:
    """The page that a remedy names: its address and the key of the link's text; None where it names none."""
    code, facts = trouble.code, card.facts
    if code in TO_CONNECT:
        return _to_connection(visitor, facts, "administrator", "reconnect", "card.to_reconnect")
    if code in TO_CHOOSE:
        return _to_connection(visitor, facts, "reader", "administrations", "card.to_administrations")
    return _way(visitor, card, code)


def way_of_past(visitor: Visitor, card: Card, past: Past) -> Way | None:
    """The same for an import of the history: what kept it from succeeding may be long over.

    So it leads to all connections rather than to connecting one again, and to findings only where they are
    still shown.
    """
    code = past.facts["error_code"]
    if code in TO_CONNECT | TO_CHOOSE:
        return INTEGRATIONS, "card.to_integrations"
    if code in TO_READ and not card.takes_files and past.facts["id"] != card.facts["ended_id"]:
        return None
    return _way(visitor, card, code)


def _way(visitor: Visitor, card: Card, code: str) -> Way | None:
    facts = card.facts
    if code in TO_PAY:
        return BILLING, "card.to_billing"
    if code in TO_READ and not card.takes_files:
        return f"{ENTITIES}/{facts['key']}#findings", "card.to_findings"
    by_file = code in ANOTHER_FILE or (code in REMEDIES and REMEDIES[code].files is not None)
    if card.takes_files and by_file and visitor.may("importer"):
        return f"{ENTITIES}/{facts['key']}/import", "card.to_import"
    return None


def _to_connection(visitor: Visitor, facts: Mapping[str, Any], role: str, page: str, key: str) -> Way:
    """A page of the entity's connection, or of all where it has none or the visitor may not."""
    if facts["connection_id"] is None or not visitor.may(role):
        return INTEGRATIONS, "card.to_integrations"
    return f"{INTEGRATIONS}/{facts['connection_id']}/{page}", key
