"""A connector that processes of their own find too: a software that works, and whose ledger is empty."""

from pathlib import Path

NAME = "quiet"
CONNECTOR = """
from monitr_pipelines.ledger.changes import Replace, WholeLedger
from monitr_pipelines.providers.contract import CredentialField, End, Provider


class Quiet:
    def accounts(self):
        return ()

    def axes(self):
        return ()

    def transactions(self, cursor):
        if cursor is None:
            yield Replace(WholeLedger(), ())
        yield End({"read": True})

    def close(self):
        pass


PROVIDER = Provider(
    name="quiet",
    title="A software with nothing in it",
    fields=(CredentialField("password", "Password", secret=True),),
    connect=lambda administration, ports: Quiet(),
    bookings_balance=True,
    axes=False,
    tells_deletions=False,
    has_trial_balance=False,
)
"""
# Python reads it before anything else of a process.
AT_START = "import monitr_pipelines.providers as found\nfound.__path__.append({folder!r})\n"


def install(folder: Path) -> Path:
    """A folder for PYTHONPATH, with which every process has the connector."""
    connectors = folder / "connectors"
    (connectors / NAME).mkdir(parents=True)
    (connectors / NAME / "__init__.py").write_text(CONNECTOR)
    (folder / "sitecustomize.py").write_text(AT_START.format(folder=str(connectors)))
    return folder
