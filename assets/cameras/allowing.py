"""Which hosts the server may fetch pictures from: the allow-list, held against what a name resolves to.

An entry is a network (10.20.0.0/16), an address, or a name (cam.example.org, *.cams.example.org), each with
`:port` or `:*`; without one the ports 80 and 443 are meant.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
USUAL_PORTS: Final = frozenset({80, 443})
Resolve = Callable[[str, int], Iterable[str]]


class NotAllowed(Exception):
    """The host is not in the list, or resolves to where the list does not reach."""


@dataclass(frozen=True)
class Entry:
    """One line of the list: a network or a name, and its ports (None: all)."""

    network: Network | None
    name: str
    ports: frozenset[int] | None

    def takes_port(self, port: int) -> bool:
        return self.ports is None or port in self.ports

    def is_name_of(self, host: str) -> bool:
        if self.network is not None:
            return False
        if self.name.startswith("*."):
            return host.endswith(self.name[1:]) and len(host) > len(self.name) - 1
        return host == self.name


def read_entry(said: str) -> Entry:
    """An entry as it is written in the settings.

    Raises:
        ValueError: when it is none.
    """
    where, ports = said.strip().lower(), USUAL_PORTS
    bare, colon, port = where.rpartition(":")
    has_port = colon and (where.count(":") == 1 or "]" in bare)
    every: frozenset[int] | None = ports
    if has_port:
        where = bare
        every = None if port == "*" else frozenset({int(port)})
    where = where.replace("[", "").replace("]", "")
    try:
        return Entry(ipaddress.ip_network(where, strict=False), "", every)
    except ValueError:
        if (
            not where
            or "/" in where
            or not where.replace("*.", "", 1).replace("-", "a").replace(".", "a").isalnum()
        ):
            raise ValueError(f"{said!r} is no network, address or name of a host") from None
        return Entry(None, where, every)


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def address_for(host: str, port: int, entries: Iterable[Entry], resolve: Resolve = _resolve) -> str:
    """The address to connect to, and no other: a name that is asked again could answer otherwise.

    Raises:
        NotAllowed: when the list does not reach there.
        OSError: when the name is not known.
    """
    host = host.lower().rstrip(".")
    open_here = [entry for entry in entries if entry.takes_port(port)]
    named = any(entry.is_name_of(host) for entry in open_here)
    for said in resolve(host, port):
        address = _plain(said)
        listed = any(entry.network is not None and address in entry.network for entry in open_here)
        if _is_never(address):
            continue
        if listed or (named and address.is_global):
            return str(address)
    raise NotAllowed


def _plain(said: str) -> Address:
    """An address; one of version 4 wrapped in version 6 is unwrapped, and a zone is dropped."""
    address = ipaddress.ip_address(said.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _is_never(address: Address) -> bool:
    """Where no camera stands: link-local (machines get their secrets there), multicast, none."""
    return address.is_link_local or address.is_multicast or address.is_unspecified
