-- Purpose: whose state a billing system is asked for.
-- Grain: organisation that is its customer.
select
    billing_customer as customer,
    subscription
from app.organisation
where billing_customer is not null
order by id
