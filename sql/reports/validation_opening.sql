-- Purpose: opening entries that do not say what the year before ended with.
-- Grain: account and fiscal year, for years whose adjacent earlier year is in the ledger.
-- Inputs: marts.balance_month, marts.trial_balance, mapped.fiscal_month.
-- Invariants: compared after the result of the earlier year went to the result account. Without a
-- result account the result stands on "(result)"; where just one other account differs, by the same
-- amount, the books carried the result to that account: that is said instead of two differences. What
-- an opening holds on profit and loss accounts is the result of a year that was not closed.
with months as (
    select
        *,
        min(month) over (partition by fiscal_year_start) as first_month
    from mapped.fiscal_month
    where entity_id = %(entity_id)s
),

years as (
    select distinct
        months.fiscal_year_start,
        months.first_month
    from marts.balance_month as balances
    inner join months on balances.month = months.month
    where
        balances.entity_id = %(entity_id)s
        and balances.opening
        and months.fiscal_year_start <> months.segment_start
),

stated as (
    select
        case accounts.type
            when 'balance_sheet' then balances.account_code
            else (select coalesce(result_account, '(result)') from app.entity where id = %(entity_id)s)
        end as account_code,
        months.fiscal_year_start,
        sum(balances.debit - balances.credit) as amount
    from marts.balance_month as balances
    inner join months on balances.month = months.month
    inner join mapped.account_line as accounts
        on
            balances.entity_id = accounts.entity_id
            and balances.account_code = accounts.account_code
    where balances.entity_id = %(entity_id)s and balances.opening
    group by 1, 2
),

compared as (
    select
        years.fiscal_year_start,
        years.first_month,
        accounts.account_code,
        coalesce(carried.opening, 0) as expected,
        coalesce(stated.amount, 0) as found,
        coalesce(stated.amount, 0) - coalesce(carried.opening, 0) as difference
    from years
    inner join mapped.account_line as accounts on accounts.entity_id = %(entity_id)s
    left join marts.trial_balance as carried
        on
            carried.entity_id = %(entity_id)s
            and accounts.account_code = carried.account_code
            and years.first_month = carried.month
    left join stated
        on
            accounts.account_code = stated.account_code
            and years.fiscal_year_start = stated.fiscal_year_start
),

differing as (
    select
        *,
        count(*) over (partition by fiscal_year_start) as accounts,
        bool_or(account_code = '(result)') over (partition by fiscal_year_start)
        and sum(difference) over (partition by fiscal_year_start) = 0 as with_result
    from compared
    where difference <> 0
)

select
    case when accounts = 2 and with_result then 'result_account_unset' else 'opening_differs' end as code,
    account_code as subject,
    fiscal_year_start::text as period,
    fiscal_year_start,
    first_month as month,
    expected,
    found,
    null::int as number,
    null::jsonb as parts,
    case
        when accounts = 2 and with_result
            then
                'The opening entries of the year from ' || fiscal_year_start
                || ' carry the result of the year before to account ' || account_code
                || '. Set it as the result account of the entity.'
        else
            'Account ' || account_code || ' opens the year from ' || fiscal_year_start || ' with '
            || trim_scale(found) || '; the year before ended with ' || trim_scale(expected) || '.'
    end as message
from differing
where not (accounts = 2 and with_result and account_code = '(result)')
