-- Purpose: people keep structures of their organisation on pages, and put entities on them.
-- Invariants: the web process writes what belongs to a structure of its tenant alone; templates, which
-- everybody sees, it reads and never writes.

create policy own_alone_in on app.reporting_structure as restrictive for insert to monitr_web
with check (organisation_id = (select app.tenant()));

create policy own_alone_changed on app.reporting_structure as restrictive for update to monitr_web
using (organisation_id = (select app.tenant()))
with check (organisation_id = (select app.tenant()));

do $$
declare
    part regclass;
begin
    foreach part in array array[
        'app.report_line', 'app.report_line_ancestry', 'app.account_mapping'
    ]::regclass[] loop
        execute format(
            'create policy own_alone_in on %s as restrictive for insert to monitr_web with check (structure_id '
            'in (select id from app.reporting_structure where organisation_id = (select app.tenant())))',
            part
        );
        execute format(
            'create policy own_alone_out on %s as restrictive for delete to monitr_web using (structure_id '
            'in (select id from app.reporting_structure where organisation_id = (select app.tenant())))',
            part
        );
    end loop;
end
$$;
