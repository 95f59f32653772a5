-- Purpose: open pages hear of what changes a card without an import: an administration that is not found,
-- a reset, a connection, a subscription. A reset keeps who asked for it.
-- Invariants: ids only, on the channel of the imports. Without an entity, any of the organisation's may
-- have changed. Only what a card depends on is told, and only where it differs from before.

alter table app.entity add column reset_by text;

create function app.tell_entity() returns trigger language plpgsql as $$
begin
    perform pg_notify(
        'monitr_import', json_build_object('entity', new.id, 'organisation', new.organisation_id)::text
    );
    return null;
end
$$;

-- Its argument names the column that holds the organisation.
create function app.tell_organisation() returns trigger language plpgsql as $$
begin
    perform pg_notify(
        'monitr_import', json_build_object('organisation', (to_jsonb(new) ->> tg_argv[0])::bigint)::text
    );
    return null;
end
$$;

create trigger entity_changes after update of status, reset_at on app.entity
for each row when (
    old.status is distinct from new.status
    or old.reset_at is distinct from new.reset_at
)
execute function app.tell_entity();

create trigger integration_changes after update of state on app.integration
for each row when (old.state is distinct from new.state)
execute function app.tell_organisation('organisation_id');

-- What is applied turns to unknown, and back, as the gate does without another state.
create trigger subscription_changes after update of subscription, subscription_applied on app.organisation
for each row when (
    old.subscription is distinct from new.subscription
    or old.subscription_applied is distinct from new.subscription_applied
)
execute function app.tell_organisation('id');
