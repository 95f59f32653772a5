"""What a page of cards shows of all that an organisation has: searched, filtered, fifty at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from monitr_pipelines.lifecycle.status import Status
from monitr_pipelines.web.entities.cards import Card

PAGE_SIZE = 50
STATES = tuple(status.name.lower() for status in Status)


@dataclass(frozen=True)
class Wanted:
    """What someone searches and filters for."""

    search: str = ""
    state: str = ""
    page: int = 1


@dataclass(frozen=True)
class Listing:
    """One page of the cards that match; `counts` are per status, of all that match the search."""

    cards: Sequence[Card]
    counts: Counter[str]
    syncable: int
    page: int
    pages: int

    @property
    def found(self) -> int:
        """How many match the search, whatever their status."""
        return self.counts.total()


def list_cards(cards: Sequence[Card], wanted: Wanted) -> Listing:
    """The page that is asked for, or the last one where there are not that many."""
    matching = matches(cards, wanted)
    pages = max(1, -(-len(matching) // PAGE_SIZE))
    page = min(max(1, wanted.page), pages)
    return Listing(
        cards=matching[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        counts=Counter(card.state for card in _named(cards, wanted.search)),
        syncable=sum(can_sync(card) for card in matching),
        page=page,
        pages=pages,
    )


def matches(cards: Sequence[Card], wanted: Wanted) -> list[Card]:
    """The cards that match both search and filter."""
    return [card for card in _named(cards, wanted.search) if wanted.state in ("", card.state)]


def can_sync(card: Card) -> bool:
    """Whether syncing many at once includes this one."""
    return card.can_import and not card.takes_files


def _named(cards: Sequence[Card], search: str) -> list[Card]:
    words = search.casefold().split()
    return [card for card in cards if all(word in card.facts["name"].casefold() for word in words)]
