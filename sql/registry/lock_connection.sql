-- Purpose: a connection with its encrypted credentials; nobody else renews them before the transaction ends.
select
    credentials,
    renewing_since is not null as renewing,
    coalesce(renewing_since < clock_timestamp() - %(longest)s, false) as given_up
from app.integration
where id = %(connection_id)s
for no key update
