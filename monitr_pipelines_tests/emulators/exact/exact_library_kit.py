"""Reads an emulator with `python-exact-online`: `python exact_library_kit.py ADDRESS FOLDER`.

The library is of others and not ours to follow in what it makes of answers: it is here for the requests that
it sends and for the rows that it gets. It keeps its tokens in the folder; where there are none yet, it signs
in (the emulator must agree by itself). On the standard output: what it read, as JSON.
"""

import json
import os
import sys

import requests

CLIENT_ID, CLIENT_SECRET = "emulated-app", "emulated-secret"
REDIRECT = "http://127.0.0.1:8070/connections/exact"
LINES = "sync/Financial/TransactionLines"
FIELDS = ("ID", "EntryID", "Date", "GLAccountCode", "AmountDC", "Description", "Timestamp")
SECONDS = 60


def main(address: str, folder: str) -> None:
    """Sign in or go on with the tokens that are there; read accounts, journals and lines."""
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    from exactonline import api as library  # noqa: PLC0415 - reads its configuration as it is loaded
    from exactonline import cachehandler, config  # noqa: PLC0415
    from exactonline.endpoints.base import APIEndpoint  # noqa: PLC0415
    from exactonline.models.base import BaseModel, ObjectListModel  # noqa: PLC0415

    config.BASE_URL = f"{address}/api/v1"
    config.AUTH_URL = f"{address}/api/oauth2/auth"
    config.ACCESS_TOKEN_URL = f"{address}/api/oauth2/token"

    class Cache(cachehandler.CacheHandler):  # type: ignore[misc]
        """Tokens in a folder of the test, not among the installed packages."""

        def __init__(self) -> None:
            super().__init__()
            self.cacheDir = folder

    class Line(BaseModel):  # type: ignore[misc]
        """A transaction line: the library has no model of it."""

        def __init__(self) -> None:
            super().__init__()
            for name in FIELDS:
                setattr(self, name, None)

    class Lines(ObjectListModel):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(list=[], listObject=Line)

    library.CacheHandler = Cache
    client = library.ExactOnlineAPI(CLIENT_ID, CLIENT_SECRET)
    if client.authHandler.token is None:
        page = client.authHandler.getAuthURL(REDIRECT)
        answer = requests.get(page, allow_redirects=False, timeout=SECONDS)
        client.authHandler.retrieveToken(answer.headers["Location"])
    accounts = client.glAccounts.list().items()
    journals = client.journals.list().items()
    lines = APIEndpoint(client, LINES, Line, Lines).list().items()
    read = {
        "division": client.division,
        "accounts": [[account.ID, account.Code, account.Description] for account in accounts],
        "journals": [[journal.Code, journal.Description] for journal in journals],
        "lines": [[str(getattr(line, name)) for name in FIELDS] for line in lines],
    }
    sys.stdout.write(json.dumps(read))


if __name__ == "__main__":
    main(*sys.argv[1:])
