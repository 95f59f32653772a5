-- Purpose: lines that reports count in the month of the software's period, where their date has another one.
-- Grain: ledger line.
-- Inputs: raw.gl_transaction; the fiscal year of each month, first and last month; the entity's setting
-- `months_by`; where that is not set, lines of audit files follow their period and all others their date.
-- Invariants: a line stays in its fiscal year. Periods before the first are the first month, those behind the
-- twelfth the last. A period that names another year than the fiscal year of the date says nothing.
with setting as (
    select settings ->> 'months_by' as months_by
    from app.entity
    where id = %(entity_id)s
),

followed as materialized (
    select distinct uploads.import_id
    from app.upload as uploads
    where
        uploads.entity_id = %(entity_id)s
        and (select months_by is null from setting)
        and uploads.state = 'applied'
        and uploads.interpretation ->> 'format' similar to '(XAF|SAF-T)%%'
),

years as (
    select
        month,
        first,
        last
    from unnest(%(months)s::date[], %(firsts)s::date[], %(lasts)s::date[]) as spans (month, first, last)
),

lines as (
    select
        lines.external_id,
        lines.booking_date,
        regexp_match(trim(lines.period), '^((?:19|20|21)\d\d)?[-/. ]?(\d{1,2})$') as period
    from raw.gl_transaction as lines
    where
        lines.entity_id = %(entity_id)s
        -- Known before any line is read: most entities follow dates, and none of their lines is.
        and (select setting.months_by = 'period' or exists (select from followed) from setting)
        and lines.period is not null
        and not lines.opening
        and (
            (select months_by = 'period' from setting)
            or lines.import_id in (select import_id from followed)
        )
),

placed as (
    select
        lines.external_id,
        years.month,
        least(
            years.last,
            (years.first + make_interval(months => greatest(lines.period[2]::int, 1) - 1))::date
        ) as by_period
    from lines
    inner join years on date_trunc('month', lines.booking_date::timestamp)::date = years.month
    where
        lines.period is not null
        and (
            lines.period[1] is null
            or lines.period[1]::int in (extract(year from years.first), extract(year from years.last))
        )
)

select
    external_id,
    by_period as month
from placed
where by_period <> month
