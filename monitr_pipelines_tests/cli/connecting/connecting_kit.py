"""A toy software as the commands connect it."""

from provider_kit import NAME

from monitr_pipelines.providers.contract import Administration

PASSWORD, WRONG = "correct-horse-8c1f", "wrong-horse-8c1f"
BAKERY = Administration("A1", "Bakkerij Peeters", "USD", 7)
GARAGE = Administration("A2", "Garage [Janssens]", "EUR")


def adding(organisation: str, *fields: str) -> tuple[str, ...]:
    """The command that connects it."""
    options = [option for field in fields or ("user=an",) for option in ("--set", field)]
    return ("connection", "add", "--org", organisation, "--provider", NAME, *options)
