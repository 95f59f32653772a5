-- Purpose: what each role may do in this database; row level security says with which rows.
-- Invariants: repeatable, and repeated by every migration, so that new tables are covered. Nobody but
-- the owner changes the schema, empties a table or writes the history of migrations.

do $$
begin
    if pg_has_role((select datdba from pg_database where datname = current_database()), 'usage') then
        execute format('revoke temporary on database %I from public', current_database());
        execute format('grant temporary on database %I to monitr_importer', current_database());
    end if;
end
$$;

-- Every role may make large objects, which belong to no table and no tenant, until the owner of PostgreSQL's
-- functions takes that back. Where that is somebody else, `monitr check` says so.
do $$
declare
    writes regprocedure;
begin
    for writes in
        select oid from pg_proc
        where
            pronamespace = 'pg_catalog'::regnamespace
            and proname ~ '^lo(_|write|read)'
            and pg_has_role(proowner, 'usage')
            and has_function_privilege('monitr_web', oid, 'execute')
    loop
        execute format('revoke execute on function %s from public', writes);
    end loop;
end
$$;

grant usage on schema app, raw, mapped, marts to monitr_importer, monitr_web, monitr_backup;

grant select, insert, update, delete on all tables in schema app, raw, mapped, marts to monitr_importer;
grant usage on all sequences in schema app, raw, mapped, marts to monitr_importer;
revoke insert, update, delete on app.migration from monitr_importer;
-- What remains of a purged entity remains.
revoke delete on app.purge from monitr_importer;

grant select on all tables in schema app, raw, mapped, marts to monitr_backup;
grant select on all sequences in schema app, raw, mapped, marts to monitr_backup;

-- The web process reads its tenant's books, asks for imports and takes in files. What it has no
-- business with it cannot read: credentials, keys, tokens, messages and where they go.
revoke all on all tables in schema app, raw, mapped, marts from monitr_web;
grant select on all tables in schema raw, mapped, marts to monitr_web;
grant select on
app.migration,
app.reconciler_beat,
app.reporting_structure,
app.report_line,
app.report_line_ancestry,
app.account_mapping,
app.account_class,
app.chosen_line,
app.chosen_line_change,
app.entity,
app.listing,
app.listed_entity,
app.import,
app.counted_end,
app.finding,
app.upload,
app.upload_chunk,
app.accepted_imbalance,
app.adjusting_entry,
app.alert,
app.hook_request,
app.web_session
to monitr_web;
grant select (id, name, subscription, subscription_read_at) on app.organisation to monitr_web;
grant select (
    id,
    organisation_id,
    provider,
    state,
    label,
    state_since,
    connected_at,
    connected_by,
    administrations_asked_at,
    administrations_read_at,
    was_connected
) on app.integration to monitr_web;
grant select (entity_id, dataset, import_id, updated_at) on app.cursor to monitr_web;

grant select, insert, update, delete on app.administration to monitr_web;
grant select, insert, delete on app.pending_connection to monitr_web;
grant select, insert, update, delete on app.chosen_line to monitr_web;
grant select, insert, delete on app.chosen_line_change to monitr_web;
grant insert (name, country, organisation_id), update (name), delete
on app.reporting_structure to monitr_web;
grant insert, delete on app.report_line, app.report_line_ancestry, app.account_mapping to monitr_web;
grant select, insert on app.change to monitr_web;

-- Credentials are written and never read.
grant insert (organisation_id, provider, label, connected_by) on app.integration to monitr_web;
grant update (
    label,
    credentials,
    state,
    connected_at,
    connected_by,
    renewed_at,
    renewing_since,
    administrations_asked_at,
    administrations_read_at,
    administrations_looked_at
) on app.integration to monitr_web;

grant insert (
    id,
    key,
    organisation_id,
    integration_id,
    administration,
    name,
    currency,
    fiscal_year_start,
    priority
) on app.entity to monitr_web;
grant usage on sequence app.entity_id_seq to monitr_web;
grant update (reset_at, reset_by, settings, status, priority, fiscal_year_start, structure_id)
on app.entity to monitr_web;
grant insert (entity_id, trigger, requested_by, mode, options, priority) on app.import to monitr_web;
grant update (trigger, requested_by, mode, options, priority) on app.import to monitr_web;
grant insert (entity_id, file_name, content_hash, size_bytes, mode, settings, interpretation, state)
on app.upload to monitr_web;
grant update (file_name, content_hash, size_bytes, mode, settings, interpretation, state, received_at)
on app.upload to monitr_web;
grant delete on app.upload to monitr_web;
grant insert, delete on app.upload_chunk to monitr_web;
grant insert, update on app.hook_request to monitr_web;
grant insert, update, delete on app.web_session to monitr_web;
