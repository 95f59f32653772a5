-- Purpose: a state that could never be verified holds no longer than one that could.
update app.organisation
set subscription_read_at = %(now)s
where billing_customer is not null and subscription_read_at is null
