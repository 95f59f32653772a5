"""Whose turn it is: organisations share the launches, however many imports each of them has waiting."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Share:
    """The turns that organisations took at one level, counted from where the launches stand.

    Each launch of an organisation is a turn. One that had nothing to launch for a while begins where the
    launches are: it has saved no turns up. `taken`: who is ahead of them, and until which turn.
    """

    passed: int = 0
    taken: dict[int, int] = field(default_factory=dict)

    def took(self, organisation_id: int) -> None:
        """Note that an import of the organisation is launched."""
        self.passed = max(self.taken.get(organisation_id, 0), self.passed)
        self.taken[organisation_id] = self.passed + 1
        self.taken = {owner: turn for owner, turn in self.taken.items() if turn > self.passed}


@dataclass
class Shares:
    """Those of each level: what is asked for takes no turn from the night, nor the night from that."""

    of_level: dict[int, Share] = field(default_factory=dict)

    def took(self, level: int, organisation_id: int) -> None:
        """Note that an import of the organisation is launched."""
        self.of_level.setdefault(level, Share()).took(organisation_id)

    def ahead(self) -> Mapping[str, int]:
        """By how many turns organisations are ahead of the launches, by level and id."""
        return {
            f"{level} {owner}": turn - share.passed
            for level, share in self.of_level.items()
            for owner, turn in share.taken.items()
        }
