-- Purpose: a role for each kind of process; roles belong to the whole server, not to one database.
-- Invariants: repeatable, also when several databases of a server are migrated at once. No password:
-- on a server that asks for one, its operator sets it. Whoever migrates is a member of each role: the
-- policies of the importer then show the owner every row, although row level security is forced on it,
-- and the web process can take its role where only the owner's address is known.
-- The importer sees every row by its policies too, but COPY, the fast way of a first load, goes only
-- into tables that are without row level security for whoever copies. Where the one who migrates may not
-- grant that, first loads take the usual way.
do $$
declare
    process text;
    attributes text;
    may_bypass constant boolean := (
        select rolsuper or rolbypassrls from pg_roles where rolname = current_user
    );
begin
    foreach process in array array['monitr_importer', 'monitr_web', 'monitr_backup'] loop
        attributes := case when process = 'monitr_importer' and may_bypass then 'login bypassrls' else 'login' end;
        begin
            if to_regrole(process) is null then
                execute format('create role %I %s', process, attributes);
            end if;
        exception when duplicate_object or unique_violation then
            raise notice 'role % was created by another migration meanwhile', process;
        end;
        begin
            if not (pg_has_role(process, 'usage') and pg_has_role(process, 'set')) then
                execute format('grant %I to current_user', process);
            end if;
        exception when unique_violation then
            raise notice 'role % was granted by another migration meanwhile', process;
        end;
    end loop;
end
$$
