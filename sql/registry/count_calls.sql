-- Purpose: more calls of a connection; slots that no longer count are forgotten.
with forgotten as (
    delete from app.rate_usage
    where
        integration_id = %(connection_id)s
        and limit_name = %(limit_name)s
        and slot <= clock_timestamp() - %(counts_for)s
)

insert into app.rate_usage (organisation_id, integration_id, limit_name, slot, calls)
select
    organisation_id,
    id,
    %(limit_name)s,
    date_bin(%(slot_length)s, clock_timestamp(), timestamptz '2000-01-01'),
    %(calls)s
from app.integration
where id = %(connection_id)s
on conflict (integration_id, limit_name, slot) do update set calls = app.rate_usage.calls + excluded.calls
