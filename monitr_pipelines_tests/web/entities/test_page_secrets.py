"""No page tells a credential, whatever became of the import that used it."""

import httpx2

from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.warehouse.registry import connections
from monitr_pipelines.warehouse.server.database import Connection
from monitr_pipelines_tests.web.page_kit import make_company, run, sign_in

CANARY = "canary-page-4242"


def test_no_page_of_an_entity_tells_a_credential(connection: Connection, client: httpx2.Client) -> None:
    company = make_company(connection, provider="exact")
    row = connection.execute("select integration_id from app.entity where key = %s", [company.key]).fetchone()
    assert row is not None
    connections.store(connection, row["integration_id"], {"country": "be", "refresh_token": CANARY})
    message = Message("software_refuses", {"title": "Exact Online"})
    run(connection, company.key, ReconnectNeeded(message, detail="HTTP 401, unauthorized_client"))
    sign_in(client, company.token)
    for path in ("/entities", *(f"/entities/{company.key}{part}" for part in ("", "/card", "/history"))):
        page = client.get(path)
        assert page.status_code == 200
        assert "Exact Online" in page.text, path
        assert CANARY not in page.text, path
        assert CANARY.encode().hex() not in page.text, path
    connection.execute("update app.integration set credentials = null where id = %s", [row["integration_id"]])
