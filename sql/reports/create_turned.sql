-- Purpose: the few lines that reports count elsewhere than where their date and their source have them.
-- Grain: ledger line with a role, or with another month than that of its date.
-- Inputs: raw.line_role, mapped.line_month, raw.gl_transaction.
-- Invariants: told: what the source called an opening; again: it opens a year once more and counts nowhere.
create temporary table stage_turned on commit drop as
select
    lines.account_code,
    date_trunc('month', lines.booking_date::timestamp)::date as month,
    lines.axis_combination,
    coalesce(months.month, date_trunc('month', lines.booking_date::timestamp)::date) as counted_in,
    lines.opening as told,
    coalesce(roles.role = 'opening', lines.opening) as opening,
    coalesce(roles.role = 'opening again', false) as again,
    case roles.role
        when 'result closing' then 'result'
        when 'balance closing' then 'balance'
        else ''
    end as closing,
    greatest(lines.amount, 0) as debit,
    greatest(-lines.amount, 0) as credit
from (
    select external_id from raw.line_role where entity_id = %(entity_id)s
    union
    select external_id from mapped.line_month where entity_id = %(entity_id)s
) as keys
inner join raw.gl_transaction as lines
    on lines.entity_id = %(entity_id)s and keys.external_id = lines.external_id
left join raw.line_role as roles
    on lines.entity_id = roles.entity_id and lines.external_id = roles.external_id
left join mapped.line_month as months
    on lines.entity_id = months.entity_id and lines.external_id = months.external_id
