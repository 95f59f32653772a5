"""Cards of entities that lack what there must be to import: a ledger file, a connector."""

import httpx2
import pytest

from monitr_pipelines.lifecycle.errors import NoLedgerFile
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines.web.shell import i18n
from monitr_pipelines_tests.web.page_kit import Company, card_text, end, make_company, sign_in, start


def card(client: httpx2.Client, company: Company) -> str:
    return card_text(client.get(f"/entities/{company.key}/card").text, company.key)


@pytest.mark.parametrize(
    ("language", "words", "button"),
    [
        ("en", "No file yet: import a CSV", "Import CSV"),
        ("nl", "Nog geen bestand: importeer een CSV", "CSV importeren"),
        ("fr", "Pas encore de fichier : importez un fichier CSV", "Importer"),
    ],
)
def test_an_entity_that_never_got_a_file_asks_for_one(
    client: httpx2.Client, connection: Connection, language: str, words: str, button: str
) -> None:
    files = make_company(connection, ("Files alone",), provider="file")
    sign_in(client, files.token)
    client.headers["accept-language"] = language
    shown = card(client, files)
    assert words in shown
    assert button in shown
    asked = requests.request(connection, files.key, trigger="hook", requested_by="payroll")
    assert words not in card(client, files)
    end(connection, start(connection, files.key, asked), NoLedgerFile(Message("no_ledger_file")))
    shown = card(client, files)
    assert words in shown
    assert i18n.text(language, "status.never") in shown


def test_software_without_a_connector_says_so_and_offers_no_import(
    client: httpx2.Client, connection: Connection
) -> None:
    lost = make_company(connection, ("Old software",), provider="abacus")
    sign_in(client, lost.token)
    shown = card(client, lost)
    assert "There is no connector for the accounting software" in shown
    assert "Never imported" in shown
    assert "Sync now" not in shown
