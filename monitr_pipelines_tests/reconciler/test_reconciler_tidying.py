"""Old requests, sessions and messages go; what is still of use stays."""

from collections.abc import Callable

from monitr_pipelines.warehouse.queue.requests import request
from monitr_pipelines.warehouse.server import database
from monitr_pipelines.warehouse.server.database import Connection


def test_only_what_is_old_goes(connection: Connection, make_entity: Callable[..., str]) -> None:
    entity = make_entity()
    import_id = request(connection, entity, trigger="hook", requested_by="test")
    found = connection.execute("select organisation_id from app.entity where key = %s", [entity]).fetchone()
    assert found is not None
    for message, days in (("old", 31), ("young", 29)):
        connection.execute(
            "insert into app.hook_request values (%s, %s, %s, %s, now() - make_interval(days => %s))",
            [found["organisation_id"], message, b"hash", import_id, days],
        )
    connection.execute(database.statement("reconciler/tidy.sql"))
    left = connection.execute(
        "select message_id from app.hook_request where organisation_id = %s", [found["organisation_id"]]
    ).fetchall()
    assert [row["message_id"] for row in left] == ["young"]
    assert connection.execute("select from app.import where id = %s", [import_id]).fetchall()
