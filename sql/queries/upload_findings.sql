-- Purpose: what was found in a ledger file when it was refused last, in the order in which it was found.
select
    findings.severity,
    findings.code,
    findings.message,
    findings.line,
    findings.source_column as "column"
from app.finding as findings
inner join app.upload as uploads on findings.upload_id = uploads.id and findings.import_id = uploads.import_id
where uploads.id = :upload_id
order by findings.ordinal
