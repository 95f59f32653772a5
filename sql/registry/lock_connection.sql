-- Purpose: a connection with its encrypted credentials; nobody else renews them before the transaction ends.
select
    id,
    provider,
    credentials,
    renewing_since,
    coalesce(renewing_since < clock_timestamp() - %(longest)s, false) as given_up
from app.integration
where id = %(connection_id)s
for no key update
