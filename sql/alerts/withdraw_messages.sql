-- Purpose: messages that must not be sent any more: of a trouble that is over, or to an address that the
-- organisation no longer has.
update app.alert_message as messages
set
    given_up_at = %(now)s,
    last_error = 'withdrawn'
from app.alert as alerts, app.organisation as organisations
where
    messages.alert_id = alerts.id
    and messages.organisation_id = organisations.id
    and messages.sent_at is null
    and messages.given_up_at is null
    and (
        (messages.kind = 'opened' and alerts.closed_at is not null)
        or not coalesce(
            messages.recipient = any(
                array_remove(
                    array[organisations.alert_email, organisations.alert_url, %(operations)s::text], null
                )
            ),
            false
        )
    )
