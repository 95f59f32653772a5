"""Reads an emulator with published clients: `python quickbooks_library_kit.py ADDRESS FOLDER REALM TOKEN`.

`qbo-cli` reads the general ledger, account by account; `python-quickbooks`, on `intuit-oauth`, queries and
asks for changes. They are of others and not ours to follow in what they make of answers: they are here for
the requests that they send and for what they get. On the standard output: what they read, as JSON.
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CLIENT_ID, CLIENT_SECRET = "emulated-app", "emulated-secret"
REDIRECT = "http://127.0.0.1:8070/connections/quickbooks"
DAYS = {"start_date": "2023-01-01", "end_date": "2026-12-31", "accounting_method": "Accrual"}
# Of a token in the notes of `qbo-cli`: it is over, so that the first request must renew it.
OVER = {"access_token": "over", "expires_at": 0}


def main(address: str, folder: str, realm: str, token: str, since: str) -> None:
    """Read everything, the ledger first."""
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    notes = Path(folder) / "tokens.prod.json"
    if not notes.exists():
        notes.write_text(json.dumps({"refresh_token": token, "realm_id": realm, **OVER}), encoding="utf-8")
    read = ledger(address, Path(folder))
    token = json.loads(notes.read_text(encoding="utf-8"))["refresh_token"]
    sys.stdout.write(json.dumps({**read, **entities(address, realm, token, since)}))


def ledger(address: str, folder: Path) -> dict[str, Any]:
    """The accounts as a tree and the postings below each, by `qbo-cli`."""
    from qbo_cli import auth, client, config, gl_report  # noqa: PLC0415 - they are not always installed

    auth.TOKEN_URL = f"{address}/oauth2/v1/tokens/bearer"
    client.PROD_BASE = f"{address}/v3/company"
    auth.QBO_DIR = config.QBO_DIR = folder
    config.CONFIG_PATH = folder / "config.json"
    held = config.Config()
    held.client_id, held.client_secret = CLIENT_ID, CLIENT_SECRET
    asking = client.QBOClient(held, auth.TokenManager(held))
    accounts = asking.query("SELECT * FROM Account WHERE Active IN (true, false)")
    report = asking.report("GeneralLedger", DAYS)
    known = gl_report._build_section_index(gl_report._parse_gl_rows(report["Rows"]))
    postings = [
        [account["Id"], row.date, row.txn_type, row.txn_id, row.num, row.customer, row.memo, str(row.amount)]
        for account in accounts
        for row in (known[account["Id"]].transactions if account["Id"] in known else [])
    ]
    return {"accounts": [[each["Id"], each["Name"]] for each in accounts], "postings": postings}


def entities(address: str, realm: str, token: str, since: str) -> dict[str, Any]:
    """Transactions by kind and what changed, by `python-quickbooks`."""
    from intuitlib.client import AuthClient  # noqa: PLC0415
    from quickbooks import QuickBooks, cdc  # noqa: PLC0415
    from quickbooks.objects import Bill, Invoice, JournalEntry, Purchase, Vendor  # noqa: PLC0415

    kinds = (Invoice, Bill, Purchase, JournalEntry)
    QuickBooks.api_url_v3 = f"{address}/v3"
    discovery = f"{address}/.well-known/openid_configuration"
    signing = AuthClient(CLIENT_ID, CLIENT_SECRET, REDIRECT, discovery)
    reader = QuickBooks(
        auth_client=signing, refresh_token=token, company_id=realm, minorversion=75, use_decimal=True
    )
    changed = cdc.change_data_capture(kinds, since, qb=reader)
    found: dict[str, SimpleNamespace] = vars(changed)
    return {
        "transactions": {
            kind.qbo_object_name: [[each.Id, each.TxnDate] for each in kind.all(qb=reader, max_results=1000)]
            for kind in kinds
        },
        "vendors": [each.DisplayName for each in Vendor.all(qb=reader, max_results=1000)],
        "changed": {
            kind.qbo_object_name: [[each.Id, vars(each).get("status")] for each in held._object_list]
            for kind in kinds
            if (held := found.get(kind.qbo_object_name))
        },
        "company": reader.query("SELECT * FROM CompanyInfo")["QueryResponse"]["CompanyInfo"][0][
            "CompanyName"
        ],
        "method": reader.get_report("TrialBalance", dict(DAYS))["Header"]["ReportBasis"],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
