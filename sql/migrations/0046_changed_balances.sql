-- Purpose: which balances may differ from the published ones, so that few changes make few of them anew.

-- Grain: month balance of which lines came, changed or went since the entity's figures were last made; those
-- too that stay as they are. A row without an account stands for all of them.
create table raw.changed_balance (
    entity_id bigint not null,
    account_code text not null,
    month date not null,
    axis_combination int not null,
    opening boolean not null,
    primary key (entity_id, account_code, month, axis_combination, opening)
);

call app.protect('raw.changed_balance');

-- What changed before, and is in no report yet, nobody noted.
insert into raw.changed_balance
select
    id,
    '' as account_code,
    '-infinity' as month,
    0 as axis_combination,
    false as opening
from app.entity;
