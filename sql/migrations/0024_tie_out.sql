-- Purpose: each import's balances beside the trial balance that the accounting software tells of itself; and
-- entities whose fiscal year the software tells only when it is asked for one administration.
-- Invariants: written in the transaction that commits the lines. What the latest row says of an entity holds:
-- a difference is gone with the import that agrees, and unknown where the software did not tell.

-- Grain: import whose software tells a trial balance. day: the last day that counts, null where it told none
-- this time, for the reason in untold (and untold_fields, as error_fields of app.import). compared: accounts
-- with a balance there or here. differing: those of them that differ.
create table raw.tie_out (
    entity_id bigint not null references app.entity,
    import_id bigint not null,
    day date,
    compared int not null,
    differing int not null,
    untold text,
    untold_fields jsonb check (jsonb_typeof(untold_fields) = 'array'),
    primary key (entity_id, import_id),
    check ((day is null) = (untold is not null))
);

call app.protect('raw.tie_out');

-- Grain: account that differs, of the largest hundred differences of an import. Debit positive, in the
-- currency of the entity.
create table raw.tie_out_difference (
    entity_id bigint not null,
    import_id bigint not null,
    account_code text not null,
    theirs numeric(21, 4) not null,
    ours numeric(21, 4) not null,
    difference numeric(21, 4) not null generated always as (ours - theirs) stored,
    primary key (entity_id, import_id, account_code),
    foreign key (entity_id, import_id) references raw.tie_out on delete cascade
);

call app.protect('raw.tie_out_difference');

-- Null: not known yet; the first import asks the software.
alter table app.entity alter column fiscal_year_start drop not null;
alter table app.administration alter column fiscal_year_start drop not null;
