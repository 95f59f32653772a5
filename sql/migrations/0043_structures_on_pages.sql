-- Purpose: people keep structures of their organisation on pages, and put entities on them.
-- Invariants: the web process writes what belongs to a structure of its tenant alone; templates, which
-- everybody sees, it reads and never writes. Where one login has every role, policies of a role are of all
-- its sessions: those of the web process are told by the role that they took.
create policy own_alone_in on app.reporting_structure as restrictive for insert
with check ((select current_user) <> 'monitr_web' or organisation_id = (select app.tenant()));

create policy own_alone_changed on app.reporting_structure as restrictive for update
using ((select current_user) <> 'monitr_web' or organisation_id = (select app.tenant()))
with check ((select current_user) <> 'monitr_web' or organisation_id = (select app.tenant()));

do $$
declare
    part regclass;
    condition constant text := '(select current_user) <> ''monitr_web'' or structure_id in (select id from '
        'app.reporting_structure where organisation_id = (select app.tenant()))';
begin
    foreach part in array array[
        'app.report_line', 'app.report_line_ancestry', 'app.account_mapping'
    ]::regclass[] loop
        execute format(
            'create policy own_alone_in on %s as restrictive for insert with check (%s)', part, condition
        );
        execute format(
            'create policy own_alone_out on %s as restrictive for delete using (%s)', part, condition
        );
    end loop;
end
$$;
