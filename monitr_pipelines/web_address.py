"""Addresses that people enter: what one may look like, and which places on the internet it may lead to."""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses of the old protocol within the new one: who is meant decides.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# All that IPv6 gives out to the world, and what is set apart for protocols and documents.
GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
SET_APART = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20"))
)


def parts_of(url: str) -> SplitResult:
    """The parts of an address; ValueError, in fixed words, where it is none.

    It begins with https://, or with http:// for this machine, holds no password and is plain ASCII.
    """
    try:
        parts = urlsplit(url)
        valid = parts.hostname and parts.port != 0 and _is_secure(parts.scheme, parts.hostname)
    except ValueError:
        valid = False
    if not valid or parts.username is not None or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("not a URL such as https://host/path")
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its number or as `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def look_up(name: str, port: int) -> list[IpAddress]:
    """The addresses that a name stands for now; one that is a number, in whatever form, stands for itself.

    Raises:
        OSError, UnicodeError: The name is not known.
    """
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(place[4][0]).partition("%")[0]) for place in found]


def meant(address: IpAddress) -> IpAddress:
    """Who is called in the end: an address of the old protocol that one of the new carries, else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: IpAddress) -> bool:
    """Whether an address is one that anybody on the internet can call."""
    called = meant(address)
    if isinstance(called, ipaddress.IPv6Address) and called not in GIVEN_OUT:
        return False
    set_apart = any(called in network for network in SET_APART)
    return called.is_global and not called.is_multicast and not set_apart


def _is_secure(scheme: str, host: str) -> bool:
    return scheme == "https" or (scheme == "http" and is_loopback(host))
