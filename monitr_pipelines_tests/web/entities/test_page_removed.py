"""What the Entities page tells of entities that were removed: their names, and of no other tenant."""

import httpx2

from monitr_pipelines.warehouse.registry import removal
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import make_company, sign_in


def test_a_removed_entity_is_told_as_deleted_with_who_and_when(
    connection: Connection, client: httpx2.Client
) -> None:
    company, other = make_company(connection, ("Mill", "Dairy")), make_company(connection, ("Elsewhere",))
    removal.remove(connection, other.key, "Someone else")
    sign_in(client, company.token)
    assert "Removed entities" not in client.get("/entities").text
    removal.remove(connection, company.key, "Jo Remover")
    page = client.get("/entities").text
    told = page.partition("Removed entities (1)")[2]
    assert "Mill" in told
    assert "Deleted" in told
    assert "Jo Remover" in told
    assert "Elsewhere" not in page
    assert f'id="card-{company.key}"' not in page
    assert "Removed entities" not in client.get("/entities?q=mill").text
    assert client.get(f"/entities/{company.key}").status_code == 404
