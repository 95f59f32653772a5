"""A real trytond with books, as a process of its own: `python tryton_server_kit.py serve FOLDER`.

It copies an SQLite database with books to the folder, serves it on a free port of 127.0.0.1 and prints one
line of JSON: the port and the ids of the companies. `GET /requests` lists what it was asked so far.

The database that is copied is made once, by `python tryton_server_kit.py make FOLDER`, as long as nothing
changes that it follows from: that takes minutes.
"""

import fcntl
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MADE = HERE.parents[2] / ".pytest_cache" / "tryton"
DATABASE = "books"
MODULES = ["account_be", "analytic_account"]
NOTE = "made.json"
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

    _file(folder).touch()
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


def configure(folder: Path) -> None:
    """Let trytond of this process work in a folder."""
    configuration = folder / "trytond.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder), encoding="utf-8")
    os.environ["TRYTOND_CONFIG"] = str(configuration)
    from trytond import config  # noqa: PLC0415

    config.update_etc(str(configuration))


def make(folder: Path) -> None:
    """Make the database, and note by what and which companies it has."""
    _file(folder).unlink(missing_ok=True)
    configure(folder)
    companies = initialise(folder)
    (folder / NOTE).write_text(json.dumps({"makers": makers(), "companies": companies}), encoding="utf-8")


def makers() -> str:
    """What the database follows from: modules of Tryton, and code of ours."""
    modules = sorted(f"{each.name} {each.version}" for each in distributions() if "trytond" in each.name)
    code = [(HERE / f"tryton_{name}_kit.py").read_text(encoding="utf-8") for name in ("books", "server")]
    return sha256("\n".join(modules + code).encode()).hexdigest()


def copy_to(folder: Path) -> dict[str, int]:
    """A copy of the database in a folder; the ids of its companies by name."""
    MADE.mkdir(parents=True, exist_ok=True)
    # One of the processes that run tests side by side makes it, and the others wait for that.
    with (MADE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = MADE / NOTE
        if not note.is_file() or json.loads(note.read_text(encoding="utf-8"))["makers"] != makers():
            # By a process of its own: SQLite loses its locks where a file that it has open is copied.
            subprocess.run([sys.executable, __file__, "make", MADE], check=True)
        with closing(sqlite3.connect(_file(MADE))) as made, closing(sqlite3.connect(_file(folder))) as copy:
            made.backup(copy)
        return dict(json.loads(note.read_text(encoding="utf-8"))["companies"])


def _file(folder: Path) -> Path:
    return folder / f"{DATABASE}.sqlite"


def serve(folder: Path) -> None:
    """Serve a copy of the database until the process is ended."""
    companies = copy_to(folder)
    configure(folder)
    import trytond.protocols.dispatcher  # noqa: PLC0415, F401 - registers the routes
    from trytond.pool import Pool  # noqa: PLC0415
    from trytond.wsgi import app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    Pool(DATABASE).init()
    server = make_server("127.0.0.1", 0, counted(app), threaded=True)
    print(json.dumps({"port": server.port, "companies": companies}), flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    {"make": make, "serve": serve}[sys.argv[1]](Path(sys.argv[2]))
