-- Purpose: lines that could open or close a year, but too little says so: their accountant must tell.
-- Grain: one day of a fiscal year.
-- Invariants: expected: how many accounts could agree; found: how many do. The lines count as movements.
insert into marts.validation (
    entity_id, code, subject, fiscal_year_start, expected, found, message, import_id
)
select
    %(entity_id)s,
    %(kind)s,
    %(day)s::date::text,
    %(year)s::date,
    %(accounts)s,
    %(matching)s,
    case %(kind)s
        when 'opening_unsure'
            then
                'The lines of ' || %(day)s::date || ' repeat ' || %(matching)s || ' of ' || %(accounts)s
                || ' balances that the year before ended with, and were added to them. If they open the '
                || 'year, describe them as "Opening balance" or give them period 0, and import them again.'
        else
            'The entries of ' || %(day)s::date || ' leave nothing on any of ' || %(accounts)s
            || ' profit and loss accounts. If they close the year, describe them as "Closing" or give them '
            || 'period 13, and import them again: then the statements show the result.'
    end,
    %(import_id)s
