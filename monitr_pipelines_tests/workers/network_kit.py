"""Networks of their own for workers of this machine: each a namespace with an address, on one bridge."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from process_kit import LONGEST_WAIT

NUMBER = os.getpid() % 250
BRIDGE = f"monitr{NUMBER}"
HERE = f"10.83.{NUMBER}.1"


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=LONGEST_WAIT)


@cache
def possible() -> bool:
    """Whether this process may make networks, and this kernel has what they are made of; tried once."""
    if shutil.which("ip") is None:
        return False
    try:
        with bridge(), network(0):
            return True
    except subprocess.CalledProcessError:
        return False


@contextmanager
def bridge() -> Iterator[str]:
    """A bridge that namespaces are put on; the address of this machine there."""
    ip("link", "add", BRIDGE, "type", "bridge")
    try:
        ip("addr", "add", f"{HERE}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        yield HERE
    finally:
        ip("link", "del", BRIDGE)


@dataclass(frozen=True)
class Network:
    """A namespace; `link` is its cable, at this end."""

    name: str
    link: str

    def command(self, *arguments: str) -> list[str]:
        """A program within it."""
        return ["ip", "netns", "exec", self.name, *arguments]

    def cut(self) -> None:
        """Nothing goes in or out any more, and nobody is told."""
        ip("link", "set", self.link, "nomaster")

    def mend(self) -> None:
        ip("link", "set", self.link, "master", BRIDGE)


@contextmanager
def network(number: int) -> Iterator[Network]:
    """A namespace with an address of its own, and a loopback of its own."""
    made = Network(f"{BRIDGE}-{number}", f"m{NUMBER}-{number}")
    inside = f"{made.link}i"
    ip("netns", "add", made.name)
    try:
        ip("link", "add", made.link, "type", "veth", "peer", "name", inside, "netns", made.name)
        ip("-n", made.name, "addr", "add", f"10.83.{NUMBER}.{10 + number}/24", "dev", inside)
        ip("-n", made.name, "link", "set", inside, "up")
        ip("-n", made.name, "link", "set", "lo", "up")
        ip("link", "set", made.link, "master", BRIDGE)
        ip("link", "set", made.link, "up")
        yield made
    finally:
        ip("netns", "del", made.name)
