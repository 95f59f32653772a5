"""What a token lets its person do: four roles, each may what those before it may."""

from enum import StrEnum


class Role(StrEnum):
    """From the least to the most."""

    READER = "reader"
    """Looks at entities, their history and findings, at connections and the subscription."""
    IMPORTER = "importer"
    """Asks for imports, and imports ledger files."""
    EDITOR = "editor"
    """Chooses what is imported and in which order, and resets an entity."""
    ADMINISTRATOR = "administrator"
    """Connects accounting software, connects it again and removes it."""

    def may(self, needed: "Role") -> bool:
        """Whether this role may do what another one is needed for."""
        roles = list(Role)
        return roles.index(self) >= roles.index(needed)
