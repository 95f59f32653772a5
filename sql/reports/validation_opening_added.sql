-- Purpose: opening entries in the middle of a year that has no year before it in the ledger: they were
-- added to the balances that the year starts with, which counts twice what an earlier month holds if
-- they state the balances of their own month.
-- Grain: month with such entries.
-- Inputs: marts.balance_month, mapped.fiscal_month.
with opened as (
    select distinct
        balances.month,
        months.fiscal_year_start
    from marts.balance_month as balances
    inner join mapped.fiscal_month as months
        on balances.entity_id = months.entity_id and balances.month = months.month
    where
        balances.entity_id = %(entity_id)s
        and balances.opening
        and months.fiscal_year_start = months.segment_start
)

select
    'opening_added' as code,
    to_char(month, 'YYYY-MM') as subject,
    to_char(month, 'YYYY-MM') as period,
    fiscal_year_start,
    month,
    null::numeric as expected,
    null::numeric as found,
    null::int as number,
    null::jsonb as parts,
    'The opening entries of ' || to_char(month, 'YYYY-MM') || ' were added to the balances that the year '
    || 'from ' || fiscal_year_start || ' starts with. If they state the balances of that month, import the '
    || 'year as one file.' as message
from opened
where
    exists (
        select from marts.balance_month as earlier
        where
            earlier.entity_id = %(entity_id)s
            and earlier.month >= opened.fiscal_year_start
            and earlier.month < opened.month
    )
