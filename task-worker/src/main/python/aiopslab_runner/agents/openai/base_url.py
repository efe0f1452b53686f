"""Base URLs, read strictly, so that two of them can be compared by their parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import urlsplit

LONGEST = 2000
PRINTABLE = re.compile(r"[!-~]+\Z")
HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\Z")
SEGMENT = re.compile(r"[A-Za-z0-9._~:@!$&'()*+,;=-]+\Z")
DEFAULT_PORTS = {"http": 80, "https": 443}


class BadUrl(ValueError):
    """What is wrong with it, as a rule: «must …»."""


@dataclass(frozen=True)
class BaseUrl:
    """`segments` are those of the path: («v1»,) for «/v1» and «/v1/»."""

    scheme: str
    host: str
    port: int
    segments: tuple[str, ...]

    @property
    def authority(self) -> str:
        """The value of the Host header; without the port where it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def path_of(self, *more: str) -> str:
        return "/" + "/".join(self.segments + more)

    def is_below(self, other: BaseUrl) -> bool:
        """The same scheme, host and port, and a path that begins with the other's segments."""
        mine = (self.scheme, self.host, self.port, self.segments[: len(other.segments)])
        return mine == (other.scheme, other.host, other.port, other.segments)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path_of() if self.segments else ''}"


def read_base_url(text: str) -> BaseUrl:
    """Raises BadUrl. Escapes and dot segments are refused: they would hide what a path is."""
    if len(text) > LONGEST or not PRINTABLE.match(text):
        raise BadUrl(f"must be a URL of at most {LONGEST} characters, without spaces")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as reason:
        raise BadUrl(f"must be a URL ({reason})") from reason
    if parts.scheme not in DEFAULT_PORTS:
        raise BadUrl("must begin with http:// or https://")
    if "@" in parts.netloc:
        raise BadUrl("must not have a user or a password in it")
    if "?" in text or "#" in text:
        raise BadUrl("must not have a query or a fragment")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    if port == 0:
        raise BadUrl("must not have the port 0")
    segments = parts.path.strip("/").split("/") if parts.path.strip("/") else []
    if not all(SEGMENT.match(segment) and segment not in (".", "..") for segment in segments):
        raise BadUrl("must have a plain path, without escapes, empty segments and dots")
    return BaseUrl(parts.scheme, _host(parts.hostname or ""), port, tuple(segments))


def _host(host: str) -> str:
    host = host.lower()
    if HOST.match(host):
        return host
    try:
        if "%" in host:
            raise ValueError(host)
        return str(IPv6Address(host))
    except ValueError:
        raise BadUrl("must name a host by a plain name or an address") from None
