-- Purpose: how many rows an entity's marts have.
-- Grain: one row, a column a mart.
select
    (select count(*) from marts.balance_month where entity_id = %(entity_id)s) as balance_month,
    (select count(*) from marts.trial_balance where entity_id = %(entity_id)s) as trial_balance,
    (select count(*) from marts.profit_and_loss where entity_id = %(entity_id)s) as profit_and_loss,
    (select count(*) from marts.balance_sheet where entity_id = %(entity_id)s) as balance_sheet,
    (select count(*) from marts.cash_flow where entity_id = %(entity_id)s) as cash_flow,
    (select count(*) from marts.axis_report where entity_id = %(entity_id)s) as axis_report,
    (select count(*) from marts.validation where entity_id = %(entity_id)s) as validation
