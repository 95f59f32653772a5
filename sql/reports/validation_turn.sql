-- Purpose: lines that could open or close a year, but too little says so: their accountant must tell.
-- Grain: one day of a fiscal year.
-- Inputs: what was found when roles were judged, as arrays of kinds, days, years, accounts and matching.
-- Invariants: expected: how many accounts could agree; found: how many do. The lines count as movements.
select
    doubts.kind as code,
    doubts.day::text as subject,
    doubts.day::text as period,
    doubts.year as fiscal_year_start,
    date_trunc('month', doubts.day::timestamp)::date as month,
    doubts.accounts::numeric as expected,
    doubts.matching::numeric as found,
    null::int as number,
    null::jsonb as parts,
    case doubts.kind
        when 'opening_unsure'
            then
                'The lines of ' || doubts.day || ' repeat ' || doubts.matching || ' of ' || doubts.accounts
                || ' balances that the year before ended with, and were added to them. If they open the '
                || 'year, describe them as "Opening balance" or give them period 0, and import them again.'
        else
            'The entries of ' || doubts.day || ' leave nothing on ' || doubts.accounts || ' profit and loss '
            || 'accounts together. If they close the year, describe them as "Closing" or give them period '
            || '13, and import them again: then the statements show the result.'
    end as message
from
    unnest(
        %(kinds)s::text[], %(days)s::date[], %(years)s::date[], %(accounts)s::int[], %(matching)s::int[]
    ) as doubts (kind, day, year, accounts, matching)
