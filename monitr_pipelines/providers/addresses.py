"""Where connectors may go: people enter the addresses of some software, and none leads into our network.

A name is looked up when a connection is opened, and the address that was checked is the one that is called,
so that a name which stands for another machine a moment later leads nowhere. Redirects are never followed.
"""

from ipaddress import IPv4Address

from monitr_pipelines import settings
from monitr_pipelines.lifecycle.errors import ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.web_address import IpAddress, is_public, look_up, meant

THIS_MACHINE = IPv4Address("127.0.0.1")


def this_machine_allowed() -> bool:
    """Whether software on this machine may be called, as where connectors are tried."""
    return _allowed(THIS_MACHINE)


def address_to_call(name: str, port: int) -> str:
    """The number to call in the place of a name: public, or in the networks of `MONITR_PROVIDER_NETWORKS`.

    Raises:
        ReconnectNeeded: The name stands for no address that may be called.
        OSError: It is not known.
    """
    for address in look_up(name, port):
        if _allowed(address):
            return str(address)
    raise ReconnectNeeded(
        Message("address_not_public", {"host": name}), detail="MONITR_PROVIDER_NETWORKS does not allow it"
    )


def _allowed(address: IpAddress) -> bool:
    called = meant(address)
    return is_public(called) or any(called in network for network in settings.provider_networks())
