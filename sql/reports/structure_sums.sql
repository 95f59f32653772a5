-- Purpose: whether templates are as they were written, without reading their rows.
-- Grain: template.
-- Invariants: held is another one where any row of the template is.
select
    structures.name,
    structures.kept,
    md5(
        concat(
            (
                select string_agg(lines::text, '|' order by lines.line)
                from app.report_line as lines
                where lines.structure_id = structures.id
            ),
            '|',
            (
                select
                    string_agg(
                        mappings::text, '|' order by mappings.statement, mappings.prefix, mappings.side
                    )
                from app.account_mapping as mappings
                where mappings.structure_id = structures.id
            )
        )
    ) as held
from app.reporting_structure as structures
where structures.organisation_id is null
