-- Purpose: the states that billing told, and when.
-- Invariants: of an organisation that it did not answer for, the state is the table's own, which needs
-- no verification.
update app.organisation as organisations
set
    subscription = coalesce(told.state, organisations.subscription),
    subscription_read_at = case when told.state is not null then %(now)s end
from app.organisation as known
left join unnest(%(customers)s::text[], %(states)s::text[]) as told (customer, state)
    on known.billing_customer = told.customer
where
    organisations.id = known.id
    and (told.state is not null or organisations.subscription_read_at is not null)
