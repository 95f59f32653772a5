"""What the database lends to connectors: the credentials of a connection and its rate limits."""

from collections.abc import Callable, Mapping

from monitr_pipelines.providers.contract import Credentials, Ports
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


def ports_of(connection_id: int) -> Ports:
    """The ports of a stored connection."""
    return Ports(ConnectionTokens(connection_id), StoredRateLimits(connection_id))


def ports_to_try(tokens: UnstoredTokens) -> Ports:
    """Ports with which credentials are tried out before they are stored."""
    return Ports(tokens, NoLimits())
