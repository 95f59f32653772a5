-- Purpose: what stands elsewhere than the rest of its account, as balances of its own: every report that
-- places accounts on lines, and the way down from its cells, take them from here.

-- Grain: account, value of the primary axis that is placed on a line of its own, and month, where anything
-- is not zero.
-- Invariants: as marts.trial_balance, of which it is a part: closing - opening is what moved in the month;
-- parts of profit and loss accounts start each fiscal year at zero. Debit positive.
create table marts.part_balance (
    entity_id bigint not null,
    account_code text not null,
    axis_value text not null,
    month date not null,
    opening numeric(21, 4) not null,
    closing numeric(21, 4) not null,
    import_id bigint not null,
    primary key (entity_id, account_code, axis_value, month)
);

call app.protect('marts.part_balance');

-- What the balances that an import published were made from, and what was doubtful at the turns of years:
-- while that is as it was, so are the balances, and a changed mapping reads no ledger.
alter table app.import add column balances_from jsonb;
