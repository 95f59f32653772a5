"""Whether an accounting software can be connected by this installation, and what stands in the way."""

from monitr_pipelines import settings
from monitr_pipelines.importing import ports
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.providers.contract import Provider


def obstacle(provider: Provider) -> str | None:
    """The code of what stands in the way of connecting on the page; None where nothing does."""
    if _is_held_back(provider):
        return "preview_only"
    if provider.sign_in is not None and ports.application_of(provider.name) is None:
        return "no_application"
    return None


def refuse_held_back(provider: Provider) -> None:
    """A connector in preview opens no connection that operations did not allow.

    Raises:
        Refused: It is one, and `MONITR_PREVIEW_CONNECTORS` does not name it.
    """
    if _is_held_back(provider):
        raise Refused(
            f"The connector to {provider.title} is a preview, not yet checked against the package: "
            f"it can be connected once MONITR_PREVIEW_CONNECTORS names {provider.name}.",
            code="preview_only",
        )


def _is_held_back(provider: Provider) -> bool:
    return provider.preview and provider.name not in settings.preview_connectors()
