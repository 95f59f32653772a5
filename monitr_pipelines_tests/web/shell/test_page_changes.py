"""Every route that changes something, and every role that may use it: who did it is written down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from provider_kit import NAME, Toy, installed

from monitr_pipelines.importing import connecting
from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.reports import structures
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web import sign_in_kit
from monitr_pipelines_tests.web.hook_kit import Sender, Web
from monitr_pipelines_tests.web.page_kit import form_token, make_company, sign_in
from monitr_pipelines_tests.web.shell.test_page_roles import NEEDED
from monitr_pipelines_tests.web.sign_in_kit import BAKERY, GARAGE
from monitr_pipelines_tests.web.wizard_kit import HEADER, Person, booking

PASSWORD = "correct-horse-8c1f"  # noqa: S105 - of the toy
CALLBACK = ("GET", "/integrations/callback")
# They lead up to a change, which another route makes: what is tried out is kept there, a draft is no file of
# the books until its import is asked for, a list that is read again is what the software says, and a preview
# of a mapping is looked at.
CHANGES_NOTHING = {
    ("POST", "/entities/{key}/import"),
    ("POST", "/entities/{key}/import/{upload}/reopen"),
    ("POST", "/entities/{key}/mapping/preview"),
    ("POST", "/entities/{key}/mapping/file"),
    ("POST", "/entities/{key}/mapping/structures/preview"),
    ("POST", "/integrations/connect/{provider}/test"),
    ("POST", "/integrations/connect/{provider}/sign-in"),
    ("POST", "/integrations/{number}/administrations/read"),
}


@dataclass(frozen=True)
class World:
    """Someone of a role, an entity with a connection and one of files."""

    connection: Connection
    client: httpx2.Client
    number: int
    key: str
    files: Person

    def post(self, page: str, address: str | None = None, **fields: Any) -> httpx2.Response:  # noqa: ANN401
        """A form of a page, as a person sends it."""
        csrf = form_token(self.client, page)
        answer = self.client.post(address or page, data={"csrf": csrf, **fields})
        assert answer.status_code in (200, 303), (page, answer.status_code)
        return answer


def sync(world: World) -> str:
    world.post("/entities", f"/entities/{world.key}/sync")
    return "import manual"


def sync_many(world: World) -> str:
    world.post("/entities", "/entities/sync", entity=world.key)
    return "import manual"


def reset(world: World) -> str:
    world.post(f"/entities/{world.key}/reset")
    return "reset asked"


def import_file(world: World) -> str:
    draft = world.files.draft(HEADER + booking("2026-01-15"))
    assert world.files.send(draft, "import").status_code == 303
    return "import file"


def import_together(world: World) -> str:
    books = {f"{year}.csv": HEADER + booking(f"{year}-01-15") for year in (2025, 2026)}
    page = world.files.drafts(books)
    assert world.files.send(page, "import").status_code == 303
    return "import file"


def discard(world: World) -> str:
    world.post(f"{world.files.draft(booking('2026-01-05'))}/discard")
    return "file discarded"


def place(world: World) -> str:
    page = f"/entities/{world.key}/mapping"
    world.post(page, given='[["700000","","","70",""]]', seen="0")
    return "mapping changed"


def take_back(world: World) -> str:
    place(world)
    page = f"/entities/{world.key}/mapping"
    change = world.client.get(f"{page}/history").text.partition('name="change" value="')[2].partition('"')[0]
    world.post(page, f"{page}/undo", change=change)
    return "mapping undone"


def keep_structure(world: World) -> str:
    content = (structures.FOLDER / "plain.csv").read_text()
    page = f"/entities/{world.key}/mapping/structures"
    world.post(page, name="Our own", content=content, seen="")
    return "structure imported"


def choose_structure(world: World) -> str:
    row = world.connection.execute("select id from app.reporting_structure where name = 'plain'").fetchone()
    assert row is not None
    world.post(f"/entities/{world.key}/mapping/structures/{row['id']}/choose")
    return "structure assigned"


def delete_structure(world: World) -> str:
    keep_structure(world)
    row = world.connection.execute(
        "select structures.id from app.reporting_structure as structures "
        "inner join app.entity using (organisation_id) where structures.name = 'Our own' and key = %s",
        [world.key],
    ).fetchone()
    assert row is not None
    world.post(f"/entities/{world.key}/mapping/structures/{row['id']}/delete")
    return "structure deleted"


def keep(world: World) -> str:
    page = f"/integrations/connect/{NAME}"
    fields = {"field.user": "jo", "field.password": PASSWORD}
    tested = world.post(page, f"{page}/test", **fields).text
    word = tested.partition('name="word" value="')[2].partition('"')[0]
    world.post(page, "/integrations/keep", word=word)
    return "connected"


def choose(world: World) -> str:
    world.post(f"/integrations/{world.number}/administrations", **{"choice.A1": "normal"})
    return "entity added"


def remove(world: World) -> str:
    world.post(f"/integrations/{world.number}/remove")
    return "connection removed"


MADE: dict[tuple[str, str], Callable[[World], str]] = {
    ("POST", "/entities/sync"): sync_many,
    ("POST", "/entities/{key}/sync"): sync,
    ("POST", "/entities/{key}/reset"): reset,
    ("POST", "/entities/{key}/import/together"): import_together,
    ("POST", "/entities/{key}/import/{upload}"): import_file,
    ("POST", "/entities/{key}/import/{upload}/discard"): discard,
    ("POST", "/entities/{key}/mapping"): place,
    ("POST", "/entities/{key}/mapping/undo"): take_back,
    ("POST", "/entities/{key}/mapping/structures"): keep_structure,
    ("POST", "/entities/{key}/mapping/structures/{number}/choose"): choose_structure,
    ("POST", "/entities/{key}/mapping/structures/{number}/delete"): delete_structure,
    ("POST", "/integrations/keep"): keep,
    ("POST", "/integrations/{number}/administrations"): choose,
    ("POST", "/integrations/{number}/remove"): remove,
}


def test_each_route_that_changes_something_is_here() -> None:
    forms = {at for at in NEEDED if at[0] == "POST"}
    assert set(MADE) | CHANGES_NOTHING == forms


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    software = Toy(PASSWORD, companies=[BAKERY, GARAGE])
    with installed(software, tmp_path, monkeypatch):
        yield software


def recorded(connection: Connection, organisation_id: int, person: str) -> set[str]:
    """What a person is known to have done."""
    changes = connection.execute(
        "select action as what from app.change where organisation_id = %(id)s and person = %(person)s "
        "union select 'import ' || trigger from app.import "
        "where organisation_id = %(id)s and requested_by = %(person)s",
        {"id": organisation_id, "person": person},
    )
    return {row["what"] for row in changes.fetchall()}


@pytest.mark.parametrize(
    ("route", "role"), [(route, role) for route in MADE for role in Role if role.may(NEEDED[route])]
)
def test_who_changed_it_is_written_down(
    connection: Connection, client: httpx2.Client, toy: Toy, route: tuple[str, str], role: Role
) -> None:
    company = make_company(connection, ("Bakkerij Peeters", "Files"), provider="tryton")
    row = connection.execute(
        "insert into app.integration (organisation_id, provider) values (%s, 'file') returning id",
        [company.organisation_id],
    ).fetchone()
    assert row is not None
    connection.execute(
        "update app.entity set integration_id = %s where key = %s", [row["id"], company.keys[1]]
    )
    number = connecting.connect(connection, company.name, NAME, {"user": "an", "password": PASSWORD}, "An")
    person = f"Jo the {role}"
    _, token = access_tokens.create(connection, company.name, person, access_tokens.TOKEN, role)
    sign_in(client, token)
    files = Person(client, replace(company, keys=company.keys[1:]))
    before = recorded(connection, company.organisation_id, person)
    done = MADE[route](World(connection, client, number, company.key, files))
    assert recorded(connection, company.organisation_id, person) - before >= {done}


def test_who_comes_back_from_a_sign_in_page_is_written_down(
    connection: Connection,
    client: httpx2.Client,
    web: Web,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MONITR_PUBLIC_URL", web.url)
    company = make_company(connection, provider="file")
    sign_in(client, company.token)
    with sign_in_kit.running(tmp_path, monkeypatch):
        page = f"/integrations/connect/{NAME}"
        left = client.post(f"{page}/sign-in", data={"csrf": form_token(client, page)}).text
        away = left.partition('rel="noreferrer" href="')[2].partition('"')[0].replace("&amp;", "&")
        back = client.get(away).text.partition('id="allow" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert client.get(back).status_code == 303
    assert recorded(connection, company.organisation_id, "An Peeters") == {"connected"}
    assert NEEDED[CALLBACK] is Role.ADMINISTRATOR


def test_a_program_is_written_down_by_its_key(connection: Connection, sender: Sender) -> None:
    assert sender.ask().status_code == 202
    row = connection.execute(
        "select requested_by, trigger from app.import where organisation_id = %s", [sender.organisation_id]
    ).fetchone()
    assert row == {"requested_by": f"web hook, key {sender.key_id}", "trigger": "hook"}
