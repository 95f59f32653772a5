"""Where the Dagster UI is opened: the hosts that it answers to, and the origins whose pages are its own.

A name that a stranger points to 127.0.0.1 is no host of ours, and a page on another port of this machine
has another origin.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitr_pipelines import settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Addresses:
    """`names` are hosts without a port, reached by plain HTTP; `origins` are whole: https://host:port."""

    names: frozenset[str]
    origins: frozenset[str]

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names us, on whatever port: one may be forwarded to ours."""
        found = HOST.fullmatch(host.lower())
        return found is not None and (
            found[1] in self.names or any(host.lower() == urlsplit(own).netloc for own in self.origins)
        )

    def owns(self, origin: str, host: str) -> bool:
        """Whether a page of that origin is ours, where the request goes to that host."""
        return origin.lower() in self.origins or self._is_plain(origin.lower(), host.lower())

    def _is_plain(self, origin: str, host: str) -> bool:
        found = HOST.fullmatch(host)
        written = host.removesuffix(":80")
        return found is not None and found[1] in self.names and origin == f"http://{written}"


def configured() -> Addresses:
    """Loopback, what is bound, where the reconciler goes, and what is named. Raises BadSetting."""
    bound = ip_address(settings.dagster_bind())
    named = set() if bound.is_unspecified else {str(bound) if bound.version == 4 else f"[{bound}]"}
    reconciler = urlsplit(settings.dagster_url())
    asked_at = f"{reconciler.scheme}://{reconciler.netloc}".lower()
    return Addresses(LOOPBACK | named, settings.dagster_origins() | {asked_at})
