"""Which addresses a model's server may have, and how its name becomes one of them."""

from __future__ import annotations

import queue
import socket
import threading
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Callable

from aiopslab_runner.agents.openai.failures import ModelFailure, PassingFailure

LookUp = Callable[..., list[Any]]
# Metadata services of clouds that are not link-local, and «this network».
REFUSED_NETWORKS = [
    ip_network(text)
    for text in ("0.0.0.0/8", "fd00:ec2::254/128", "100.100.100.200/32", "192.0.0.192/32")
]
NAT64 = ip_network("64:ff9b::/96")


def is_refused(text: str) -> bool:
    """Link-local, multicast, unspecified, a metadata service; also when wrapped in IPv6.

    Private and loopback addresses are fine: policies in training are served there. Raises
    ValueError when it is not an address.
    """
    address = _unwrapped(ip_address(text.partition("%")[0]))
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or any(address in network for network in REFUSED_NETWORKS)
    )


def usable_addresses(
    host: str, port: int, seconds: float, look_up: LookUp = socket.getaddrinfo
) -> list[tuple[int, Any]]:
    """(family, socket address) of the host, to be connected to as they are.

    Raises PassingFailure when there is no answer within `seconds`, ModelFailure when every address
    is refused.
    """
    found = _look_up(host, port, seconds, look_up)
    usable = [(family, to) for family, _, _, _, to in found if not is_refused(to[0])]
    if usable:
        return usable
    raise ModelFailure(
        f"the address of {host} is link-local, multicast, unspecified or a metadata service, and "
        "such are never connected to; put the address of the model's server into "
        "agent_config.base_url"
    )


def _look_up(host: str, port: int, seconds: float, look_up: LookUp) -> list[Any]:
    """In a thread, because a name server that is silent cannot be interrupted by a signal."""
    try:
        return look_up(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(look_up(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as reason:
            answers.put(reason)

    threading.Thread(target=ask, daemon=True, name=f"look up {host}").start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise PassingFailure("was not found in time: no name server answered") from None
    if isinstance(answer, Exception):
        raise PassingFailure(f"was not found by its name ({answer})")
    return answer


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside a mapped, NAT64 or 6to4 address."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
