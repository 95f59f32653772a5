-- Purpose: tables that a back-up would take for empty, because no policy shows their rows to its role.
-- Grain: table of ours with row level security; none are expected.
select tables.oid::regclass::text as name
from pg_class as tables
where
    tables.relkind in ('r', 'p')
    and tables.relnamespace::regnamespace::text in ('app', 'raw', 'mapped', 'marts')
    and tables.relrowsecurity
    and not exists (
        select from pg_policy as policies
        where
            policies.polrelid = tables.oid
            and policies.polcmd in ('*', 'r')
            and 'monitr_backup'::regrole = any(policies.polroles)
            and pg_get_expr(policies.polqual, policies.polrelid) = 'true'
    )
order by name
