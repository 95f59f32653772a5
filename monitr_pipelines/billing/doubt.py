"""Whether an answer of a billing system can be believed: nobody's imports end on a doubt."""

from collections.abc import Mapping

from monitr_pipelines.lifecycle.eligibility import PAYING

FEW = 3
REMEDY = "if it is right, say so for each with `monitr org set NAME --subscription canceled`"


def doubt(known: Mapping[str, str], told: Mapping[str, str]) -> str | None:
    """Why an answer is not believed, or None.

    One or two customers may all cancel in a day. That most are not even mentioned, or that most of
    several stop paying at once, is rather another account's key or an answer that was cut short.

    Args:
        known: Each customer that we know, with the state that was last read of it.
        told: The customers that the answer mentions, with their state.
    """
    if known and not told:
        return f"it lists no subscription at all, and we know {len(known)} customers"
    paid = [customer for customer, state in known.items() if state in PAYING]
    lost = [customer for customer in paid if told.get(customer) not in PAYING]
    unmentioned = [customer for customer in lost if customer not in told]
    if 2 * len(unmentioned) > len(paid) or (2 * len(lost) > len(paid) and len(lost) >= FEW):
        return f"{len(lost)} of {len(paid)} paying customers would stop at once; {REMEDY}"
    return None
