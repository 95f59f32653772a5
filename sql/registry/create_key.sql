-- Purpose: a key for an organisation whose row is locked; no row where it has as many as it may have.
insert into app.hook_key (organisation_id, public_id, secret)
select
    %(organisation_id)s,
    %(public_id)s,
    %(secret)s
where (
    select count(*)
    from app.hook_key
    where organisation_id = %(organisation_id)s and revoked_at is null
) < %(valid_at_once)s
returning id
