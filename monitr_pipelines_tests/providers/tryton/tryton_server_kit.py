"""A real trytond with books, as a process of its own: `python tryton_server_kit.py FOLDER`.

It makes an SQLite database in the folder, fills it, serves it on a free port of 127.0.0.1 and prints one
line of JSON: the port and the ids of the companies. `GET /requests` lists what it was asked so far.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

DATABASE = "books"
MODULES = ["account_be", "analytic_account"]
WRITTEN = "2026-11-01 08:00:00.000000"
LANGUAGES = ["en", "fr"]
# Tables that making and posting moves locks, as one transaction must say when it begins.
LOCKED = ["account_journal_period", "ir_sequence_strict"]
CONFIGURATION = "[database]\nuri = sqlite://\npath = {folder}\n[session]\nmax_attempt = 1000\n"


def initialise(folder: Path) -> dict[str, int]:
    """A new database with the modules' tables and the books; the ids of its companies by name."""
    from tryton_books_kit import write_books  # noqa: PLC0415 - trytond reads its configuration first
    from trytond.pool import Pool  # noqa: PLC0415
    from trytond.transaction import Transaction  # noqa: PLC0415

    (folder / f"{DATABASE}.sqlite").touch()
    with Transaction().start(DATABASE, 0, close=True) as transaction:
        transaction.database.init()
    pool = Pool(DATABASE)
    pool.init(update=MODULES, lang=LANGUAGES, activatedeps=True)
    with Transaction().start(DATABASE, 0, _lock_tables=LOCKED) as transaction:
        languages = pool.get("ir.lang")
        languages.write(languages.search([("code", "in", LANGUAGES)]), {"translatable": True})
        companies = write_books()
        _as_if_written_long_ago(transaction.connection.cursor())
        return companies


def _as_if_written_long_ago(cursor: Any) -> None:  # noqa: ANN401 - of SQLite
    """So that what a test changes is all that an increment finds."""
    for table in ("account_move", "account_move_line", "account_account", "analytic_account_account"):
        cursor.execute(
            f"UPDATE {table} SET create_date = ?, write_date = ?",  # noqa: S608 - names of this function
            [WRITTEN, WRITTEN],
        )


def counted(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The application, and a list of the methods that it was asked for."""
    methods: list[str] = []

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/requests":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(methods).encode()]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        methods.append(json.loads(body)["method"])
        environ["wsgi.input"] = io.BytesIO(body)
        return application(environ, start_response)

    return answer


def main(folder: Path) -> None:
    """Make the database and serve it until the process is ended."""
    configuration = folder / "trytond.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder), encoding="utf-8")
    os.environ["TRYTOND_CONFIG"] = str(configuration)
    from trytond import config  # noqa: PLC0415

    config.update_etc(str(configuration))
    companies = initialise(folder)
    import trytond.protocols.dispatcher  # noqa: PLC0415, F401 - registers the routes
    from trytond.wsgi import app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    server = make_server("127.0.0.1", 0, counted(app), threaded=True)
    print(json.dumps({"port": server.port, "companies": companies}), flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
