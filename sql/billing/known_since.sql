-- Purpose: the age of what is known of those who are customers of a billing system.
select max(subscription_read_at) as known_since
from app.organisation
where billing_customer is not null
