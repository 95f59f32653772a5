"""Names that lines carry but that are not their own: codes of accounts, names of partners and the like.

Changing one stamps no line. Cursors therefore hold a digest of each name that lines were read with, so
that an increment knows which lines read otherwise now.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2s
from typing import TypeAlias

from monitr_pipelines.providers.odoo.chart import Chart

# Digests by id, an id being text as in JSON.
Digests: TypeAlias = dict[str, str]
Names: TypeAlias = dict[str, Digests]

ACCOUNT, JOURNAL, PARTNER, VALUE = "account_id", "journal_id", "partner_id", "value"


def of_chart(chart: Chart) -> Names:
    """The names of everything that a chart lists."""
    return {
        ACCOUNT: digests((id_, account.code) for id_, account in chart.accounts.items()),
        JOURNAL: digests(chart.journals.items()),
        VALUE: digests((id_, f"{value.axis}\0{value.code}") for id_, value in chart.values.items()),
    }


def digests(names: Iterable[tuple[int, str]]) -> Digests:
    """Four bytes of each name: of four billion changes one is overlooked."""
    return {str(id_): blake2s(name.encode(), digest_size=4).hexdigest() for id_, name in names}


def renamed(before: Mapping[str, str], now: Mapping[str, str]) -> list[int]:
    """Ids that are called otherwise than before."""
    return [int(id_) for id_, digest in now.items() if before.get(id_, digest) != digest]


def gone(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether any id is there no more."""
    return bool(before.keys() - now.keys())


def without(known: Mapping[str, str], ids: Iterable[int]) -> Digests:
    """The digests of all but some ids."""
    left_out = set(map(str, ids))
    return {id_: digest for id_, digest in known.items() if id_ not in left_out}


def with_new(names: Names, others: Names) -> None:
    """Take over the names of what had none; the name that lines were first read with stays."""
    for kind, found in others.items():
        known = names.setdefault(kind, {})
        known.update((id_, digest) for id_, digest in found.items() if id_ not in known)
