"""Where a web hook may go: public addresses over https, so that nobody makes us call inside our network."""

from dataclasses import dataclass

from monitr_pipelines import settings
from monitr_pipelines.web_address import IpAddress, is_public, look_up, parts_of


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
        addresses = look_up(name, port)
    except (OSError, UnicodeError):
        raise Undeliverable(f"the name {name} is not known") from None
    if not all(_allowed(address, parts.scheme) for address in addresses):
        raise Undeliverable(f"{name} is not a public address that can be called over https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", name, str(addresses[0]), port, path)


def _allowed(address: IpAddress, scheme: str) -> bool:
    if address.is_loopback:
        return settings.alert_allow_loopback()
    return scheme == "https" and is_public(address)
