-- Purpose: a program reads reports with a token, which it sends with each request.
-- Invariants: a link, which works once, lets no program in and is not spent by one. When a token was used
-- last is written once an hour: a program that asks every second makes no row anew every second.

create function app.find_access_token(wanted bytea)
returns table (id bigint, organisation_id bigint)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with noted as (
        update app.access_token as tokens
        set used_at = clock_timestamp()
        where
            tokens.token_hash = wanted
            and tokens.kind = 'token'
            and tokens.revoked_at is null
            and (tokens.expires_at is null or tokens.expires_at > clock_timestamp())
            and (tokens.used_at is null or tokens.used_at < clock_timestamp() - interval '1 hour')
    )

    select
        tokens.id,
        tokens.organisation_id
    from app.access_token as tokens
    where
        tokens.token_hash = wanted
        and tokens.kind = 'token'
        and tokens.revoked_at is null
        and (tokens.expires_at is null or tokens.expires_at > clock_timestamp())
$$;

revoke execute on function app.find_access_token(bytea) from public;
grant execute on function app.find_access_token(bytea) to monitr_web;
