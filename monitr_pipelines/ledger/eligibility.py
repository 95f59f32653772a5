"""The gate: whether an entity may import now. One function for whoever asks."""

from monitr_pipelines.ledger.errors import (
    EntityGone,
    ImportProblem,
    ReconnectNeeded,
    Refused,
    SubscriptionInactive,
)

PAYING = frozenset({"active", "trialing"})


def refusal(*, status: str, subscription: str, connection: str, running: bool) -> ImportProblem | None:
    """Why the import may not start, or None. Each cause has its own code and remedy."""
    if subscription not in PAYING:
        return SubscriptionInactive(
            f"The subscription of this organisation is {subscription.replace('_', ' ')}. "
            "Imports start again when it is active: see Organisations > Billing."
        )
    if status != "Active":
        return EntityGone(
            f"This entity is {status.lower()}. Check the administration in the accounting software."
        )
    if connection != "connected":
        return ReconnectNeeded(
            "The connection no longer works. Connect again under Organisations > Integrations."
        )
    if running:
        return Refused(
            "An import of this entity is running. Wait until it has ended.", code="already_running"
        )
    return None
