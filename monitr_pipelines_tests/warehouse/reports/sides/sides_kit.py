"""An entity on the Dutch structure, whose interest is read by its side: paid, or received."""

from warehouse_kit import id_of

from monitr_pipelines.warehouse.server.database import Connection

INTEREST, BANK, SALES = "84101", "10201", "80101"
PAID, RECEIVED, ELSEWHERE = "WFbeRls", "WFbeRlm", "WFbeOrl"


def use_rgs(connection: Connection, entity: str, part_on: str | None) -> None:
    """Give an entity the structure; part_on: where interest of cost centre 1 stands apart, if anywhere."""
    connection.execute(
        """
        update app.entity set
            primary_axis = 'cost',
            structure_id = (select id from app.reporting_structure where name = 'nl_rgs')
        where key = %s
        """,
        [entity],
    )
    if part_on:
        connection.execute(
            """
            insert into app.chosen_line (entity_id, structure_id, account_code, axis, axis_value, line)
            select %s, id, %s, 'cost', '1', %s from app.reporting_structure where name = 'nl_rgs'
            """,
            [id_of(connection, entity), INTEREST, part_on],
        )
