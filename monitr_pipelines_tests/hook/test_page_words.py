"""What pages say of recorded messages: nothing that only a command line can do."""

import httpx2
import pytest

from monitr_pipelines.ledger.errors import InconsistentData
from monitr_pipelines.ledger.findings import Finding
from monitr_pipelines.warehouse import imports
from monitr_pipelines.warehouse.imports import Connection
from monitr_pipelines_tests.hook.page_kit import end, make_company, sign_in, start

RECORDED = (
    "If the fiscal year starts in another month, say so: `monitr entity set 1017 --fiscal-year-start 1`. "
    "If the lines were really removed, import again with --allow-shrink."
)


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        ("file", "import again with “Accept that months lose their lines”"),
        ("exact", "for you to accept that"),
    ],
)
def test_no_page_tells_a_command(
    connection: Connection, client: httpx2.Client, provider: str, told: str
) -> None:
    company = make_company(connection, provider=provider)
    sign_in(client, company.token)
    claimed = start(connection, company.key)
    imports.save_findings(connection, claimed, [Finding("odd", "is odd; answer with --date-format")])
    end(connection, claimed, InconsistentData(RECORDED, code="shrunken"))
    for path in ("", "/card", "/history"):
        shown = client.get(f"/entities/{company.key}{path}").text
        said = shown.partition("<textarea")[0] + shown.partition("</textarea>")[2]
        assert told in said, path
        assert "--" not in said.replace("<!--", ""), path
        assert "monitr entity" not in said, path
    assert "is odd; answer with “Date format”" in client.get(f"/entities/{company.key}").text
