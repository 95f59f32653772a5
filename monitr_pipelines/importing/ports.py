"""What is lent to connectors: credentials of a connection, its rate limits, and who we are to the maker."""

from collections.abc import Callable, Mapping

from monitr_pipelines import settings
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.contract import Application, Credentials, Ports
from monitr_pipelines.warehouse.registry.rate_limits import StoredRateLimits
from monitr_pipelines.warehouse.registry.tokens import StoredTokens


class ConnectionTokens:
    """The stored credentials of a connection, as connectors know them: their values are never shown."""

    def __init__(self, connection_id: int) -> None:
        self._stored = StoredTokens(connection_id)

    def read(self) -> Credentials:
        """The newest credentials."""
        return Credentials(self._stored.read())

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        """New credentials in the place of stale ones, once over all processes."""
        return Credentials(self._stored.renew(stale, lambda values: exchange(Credentials(values))))


class UnstoredTokens:
    """Credentials that a person just gave: they are tried before they are kept."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = Credentials(values)

    def read(self) -> Credentials:
        """What was given."""
        return self._values

    def renew(self, stale: Credentials, exchange: Callable[[Credentials], Mapping[str, str]]) -> Credentials:
        """What the exchange gives; kept with the connection."""
        if dict(stale) == dict(self._values):
            self._values = Credentials(exchange(self._values))
        return self._values


class NoLimits:
    """For the few calls that try credentials out."""

    def acquire(self, limits: object) -> None:
        """At once."""

    def foresee(self, limits: object) -> None:
        """Nothing is counted."""


def application_of(provider_name: str) -> Application | None:
    """This installation as the maker of an accounting software registered it, if it did.

    Raises:
        OurFault: The setting cannot be read.
    """
    try:
        registered = settings.oauth_application(provider_name)
    except settings.BadSetting as wrong:
        raise OurFault(Message("our_fault"), detail=str(wrong)) from None
    return Application(*registered) if registered else None


def ports_of(connection_id: int, provider_name: str) -> Ports:
    """The ports of a stored connection."""
    tokens, rate_limits = ConnectionTokens(connection_id), StoredRateLimits(connection_id)
    return Ports(tokens, rate_limits, application_of(provider_name))


def ports_to_try(tokens: UnstoredTokens, provider_name: str) -> Ports:
    """Ports with which credentials are tried out before they are stored."""
    return Ports(tokens, NoLimits(), application_of(provider_name))
