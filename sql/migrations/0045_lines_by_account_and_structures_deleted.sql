-- Purpose: the ledger lines of an account in a span of months without reading all other lines of the span.
-- Invariants: 1.3 MB for a million lines; the vacuum after they came sums lines up, and until then they are
-- read, so that writing them costs no more. Of two pages of the table each it tells the entities, the days
-- and, by a Bloom filter, the accounts. Whoever asks for it asks by its expression of the entity: an index of
-- the plain column is taken for lists of all lines too, which it makes slower. And the web role may use an
-- index only by operators that tell nothing of rows that it must not see: a sum may, by an overflow.
drop index raw.gl_transaction_days;

create index gl_transaction_days on raw.gl_transaction using brin (
    (case when entity_id > 0 then entity_id end),
    booking_date,
    account_code text_bloom_ops (n_distinct_per_range = 64)
)
with (pages_per_range = 2);

-- Purpose: people delete structures of their organisation on a page, with what was placed on them.
-- Invariants: the web process deletes none but its tenant's, and no history of places but on such a one. It
-- does not see entities that were removed, and yet they stand in the way: it is told their keys.
create policy own_alone_out on app.reporting_structure as restrictive for delete
using ((select current_user) <> 'monitr_web' or organisation_id = (select app.tenant()));

create policy own_alone_out on app.chosen_line_change as restrictive for delete
using (
    (select current_user) <> 'monitr_web'
    or structure_id in (select id from app.reporting_structure where organisation_id = (select app.tenant()))
);

create function app.removed_users_of(structure int) returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select entities.key
    from app.entity as entities
    where
        entities.status = 'Deleted'
        and entities.organisation_id = app.tenant()
        and (
            entities.structure_id = structure
            or exists (
                select from mapped.account_line as accounts
                where
                    accounts.entity_id = entities.id
                    and accounts.account_code = '(result)'
                    and accounts.structure_id = structure
            )
        )
$$;

revoke execute on function app.removed_users_of(int) from public;
grant execute on function app.removed_users_of(int) to monitr_importer, monitr_web;
