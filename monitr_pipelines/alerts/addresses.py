"""Where a web hook may go: public addresses over https, so that nobody makes us call inside our network."""

import ipaddress
import socket
from dataclasses import dataclass

from monitr_pipelines import settings
from monitr_pipelines.web_address import parts_of

# Addresses of the old protocol within the new one: who is meant decides.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# All that IPv6 gives out to the world, and what is set apart for protocols and documents.
GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
SET_APART = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20"))
)

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Undeliverable(Exception):
    """A message cannot be sent as things are set up; says what is wrong, without secrets."""


@dataclass(frozen=True)
class Target:
    """A place to post to: the checked numeric address, and the name that was asked for."""

    secure: bool
    name: str
    address: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """The place that a URL names, looked up once, so that what is checked is what is called.

    Raises Undeliverable for anything but a public https address, or loopback where the setting
    `MONITR_ALERT_ALLOW_LOOPBACK=1` allows it.
    """
    try:
        parts = parts_of(url)
    except ValueError as error:
        raise Undeliverable(f"the address of the web hook is {error}") from None
    name, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Undeliverable(f"the name {name} is not known") from None
    addresses = [ipaddress.ip_address(str(place[4][0]).partition("%")[0]) for place in found]
    if not all(_allowed(address, parts.scheme) for address in addresses):
        raise Undeliverable(f"{name} is not a public address that can be called over https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", name, str(addresses[0]), port, path)


def _allowed(address: IpAddress, scheme: str) -> bool:
    if address.is_loopback:
        return settings.alert_allow_loopback()
    return scheme == "https" and _is_public(address)


def _is_public(address: IpAddress) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
        if address not in GIVEN_OUT:
            return False
    set_apart = any(address in network for network in SET_APART)
    return address.is_global and not address.is_multicast and not set_apart
