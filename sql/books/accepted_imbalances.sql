-- Purpose: fiscal years and bookings that someone accepted although they do not add up to zero.
select
    scope,
    amount
from app.accepted_imbalance
where entity_id = %(entity_id)s and scope like %(kind)s || ' %%'
