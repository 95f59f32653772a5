"""Reads an emulator with `pyxero`: `python xero_library_kit.py ADDRESS`; the emulator must agree by itself.

The library is of others and not ours to follow in what it makes of answers: it is here for the requests that
it sends and for the rows that it gets. On the standard output: what it read, as JSON.
"""

import json
import os
import sys

import requests

CLIENT_ID, CLIENT_SECRET = "emulated-app", "emulated-secret"
REDIRECT = "http://127.0.0.1:8070/connections/xero"
SCOPES = (
    "offline_access",
    "openid",
    "accounting.journals.read",
    "accounting.settings.read",
    "accounting.reports.read",
)
PAGE = 100
SECONDS = 60


def main(address: str) -> None:
    """Sign in, renew the token, and read accounts, journals and the trial balance of the first tenant."""
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    from xero import Xero, auth  # noqa: PLC0415 - where it asks is set before it does

    auth.XERO_BASE_URL = address
    auth.XERO_OAUTH2_AUTHORIZE_URL = f"{address}/identity/connect/authorize"
    auth.XERO_OAUTH2_TOKEN_URL = f"{address}/connect/token"
    credentials = auth.OAuth2Credentials(CLIENT_ID, CLIENT_SECRET, callback_uri=REDIRECT, scope=list(SCOPES))
    answer = requests.get(credentials.generate_url(), allow_redirects=False, timeout=SECONDS)
    credentials.verify(answer.headers["Location"])
    credentials.refresh()
    credentials.set_default_tenant()
    client = Xero(credentials)
    journals = page = client.journals.filter(offset=0)
    while len(page) == PAGE:
        page = client.journals.filter(offset=page[-1]["JournalNumber"])
        journals = [*journals, *page]
    (report,) = client.reports.get("TrialBalance", params={"date": "2025-12-31"})
    read = {
        "organisation": client.organisations.all()[0]["Name"],
        "accounts": [[each["Code"], each["Name"]] for each in client.accounts.all()],
        "categories": [each["Name"] for each in client.trackingcategories.all()],
        "lines": [
            [
                each["Reference"],
                each["JournalDate"].date().isoformat(),
                line["AccountCode"],
                line["NetAmount"],
            ]
            for each in journals
            for line in each["JournalLines"]
        ],
        "sections": [row.get("Title") for row in report["Rows"]],
    }
    sys.stdout.write(json.dumps(read))


if __name__ == "__main__":
    main(*sys.argv[1:])
