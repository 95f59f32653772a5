-- Purpose: what of the accounts has each value of the primary axis at the end of the last month.
-- Grain: account, of those given, and value.
-- Invariants: debit positive; of accounts of profit and loss since the start of the fiscal year, of others
-- since the start of the segment of the ledger. What carries a result at the turn of a year has no value.
with last_month as (
    select
        fiscal_year_start,
        segment_start
    from mapped.fiscal_month
    where entity_id = %(entity_id)s
    order by month desc
    limit 1
)

select
    balances.account_code as account,
    combinations.axis_values ->> %(axis)s as value,
    coalesce(axis_values.name, '') as name,
    sum(
        case
            when accounts.type = 'profit_and_loss'
                then
                    case
                        when months.fiscal_year_start = last_month.fiscal_year_start and not balances.opening
                            then balances.debit - balances.credit
                        else 0
                    end
            when
                months.segment_start = last_month.segment_start
                and (not balances.opening or months.fiscal_year_start = months.segment_start)
                then balances.debit - balances.credit
            else 0
        end
    ) as amount
from marts.balance_month as balances
inner join mapped.account_line as accounts
    on balances.entity_id = accounts.entity_id and balances.account_code = accounts.account_code
inner join mapped.fiscal_month as months
    on balances.entity_id = months.entity_id and balances.month = months.month
inner join raw.axis_combination as combinations
    on balances.entity_id = combinations.entity_id and balances.axis_combination = combinations.id
cross join last_month
left join raw.axis_value as axis_values
    on
        balances.entity_id = axis_values.entity_id
        and axis_values.axis = %(axis)s
        and axis_values.code = combinations.axis_values ->> %(axis)s
where
    balances.entity_id = %(entity_id)s
    and balances.account_code = any(%(accounts)s)
    and balances.closing = ''
    and combinations.axis_values ->> %(axis)s is not null
group by balances.account_code, value, axis_values.name
order by balances.account_code, value
