"""Addresses that alerts may be posted to: one answer for whoever sets one and for whoever sends there."""

import ipaddress
from urllib.parse import SplitResult, urlsplit


def parts_of(url: str) -> SplitResult:
    """The parts of an address of a web hook; ValueError, in fixed words, where it is none.

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


def _is_secure(scheme: str, host: str) -> bool:
    return scheme == "https" or (scheme == "http" and is_loopback(host))
