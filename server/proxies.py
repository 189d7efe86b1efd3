"""Where a request really comes from, when it may have come through proxies.

Forwarding headers are believed from `trusted_proxies` alone: anybody can send them. A proxy that sets one kind
of header lets the other kind through as a stranger wrote it; so where `X-Forwarded-For` and `Forwarded` name
different people, neither is believed, and the proxy itself is taken for who asks.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from lms_core.kernel.api import Peer

_MARKS = (
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Real-IP",
    "Via",
    "CF-Connecting-IP",
    "True-Client-IP",
)
"""Any of these says that somebody forwards."""
_HOPS = 32
"""Hops that are looked at; a longer list is a forgery."""
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_PAIR = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;=]*))\s*')

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class _Hop:
    """What one proxy said of who asked it."""

    address: Address | None
    proto: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Proxies:
    """`public_url` is how the operator says browsers reach us; links are made with it."""

    trusted: tuple[IPv4Network | IPv6Network, ...] = ()
    public_url: str = ""

    @classmethod
    def of(cls, trusted: Iterable[str], public_url: str = "") -> "Proxies":
        return cls(tuple(ip_network(item, strict=False) for item in trusted), public_url.rstrip("/"))

    def peer(self, request: web.BaseRequest) -> Peer:
        """Who asks, whether from this machine itself, and the address links are made with."""
        remote = parse_address(request.remote or "")
        scheme, host = self._outside(request, remote)
        address = self._client(request.headers, remote)
        local = self._is_local(request, remote)
        return Peer(str(address) if address else request.remote or "", local, self.public_url or f"{scheme}://{host}")

    def is_ours(self, request: web.BaseRequest, origin: str) -> bool:
        """Whether an Origin header names the host that the page was asked for at, or the public one."""
        netloc = _netloc(origin)
        _, host = self._outside(request, parse_address(request.remote or ""))
        return netloc is not None and netloc in (host, self.public_url and _netloc(self.public_url))

    def is_forwarded(self, request: web.BaseRequest) -> bool:
        """Whether somebody says that it came through them, believed or not."""
        return any(mark in request.headers for mark in _MARKS)

    def trusts(self, address: str) -> bool:
        return self._trusts(parse_address(address))

    def is_secure(self, request: web.BaseRequest) -> bool:
        """Whether the browser came by https."""
        return self._outside(request, parse_address(request.remote or ""))[0] == "https"

    def _client(self, headers: Any, remote: Address | None) -> Address | None:
        """The nearest address that is no trusted proxy's, counted from us outwards."""
        if not self._trusts(remote):
            return remote
        plain, rich = _plain_hops(headers), _rich_hops(headers)
        found = {self._walk(hops, remote) for hops in (plain, rich) if hops}
        return found.pop() if len(found) == 1 else remote

    def _walk(self, hops: Sequence[_Hop], remote: Address | None) -> Address | None:
        nearest = remote
        for hop in reversed(hops):
            if hop.address is None:
                return nearest
            nearest = hop.address
            if not self._trusts(nearest):
                return nearest
        return nearest

    def _outside(self, request: web.BaseRequest, remote: Address | None) -> tuple[str, str]:
        """The scheme and host the browser sees."""
        scheme, host = request.scheme, request.host
        if not self._trusts(remote):
            return scheme, host
        headers = request.headers
        protos = _list(headers, "X-Forwarded-Proto")
        hosts = _list(headers, "X-Forwarded-Host")
        if not protos and not hosts and not _list(headers, "X-Forwarded-For"):
            rich = _rich_hops(headers)
            protos, hosts = [hop.proto for hop in rich[-1:]], [hop.host for hop in rich[-1:]]
        return _last(protos, _is_scheme) or scheme, _last(hosts, _HOST.fullmatch) or host

    def _is_local(self, request: web.BaseRequest, remote: Address | None) -> bool:
        if remote is None or not remote.is_loopback or self._trusts(remote):
            return False
        return _is_loopback(request.host) and not self.is_forwarded(request)

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self.trusted)


@lru_cache(256)
def _is_loopback(host: str) -> bool:
    name = hostname(host)
    named = parse_address(name)
    return name == "localhost" or (named is not None and named.is_loopback)


@lru_cache(4096)
def parse_address(text: str) -> Address | None:
    """An IPv4 or IPv6 address, without a zone; an IPv4 one that was mapped into IPv6 is itself again."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def within(address: str, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of these addresses or networks."""
    parsed = parse_address(address)
    return parsed is not None and any(parsed in ip_network(item, strict=False) for item in networks)


def _plain_hops(headers: Any) -> list[_Hop]:
    return [_Hop(_node(item)) for item in _list(headers, "X-Forwarded-For")]


def _rich_hops(headers: Any) -> list[_Hop]:
    """The elements of `Forwarded` (RFC 7239 §4); what does not follow its grammar is a hop unknown."""
    joined = ",".join(_all(headers, "Forwarded"))
    return [_hop(element) for element in list(_elements(joined))[-_HOPS:]] if joined.strip() else []


def _elements(text: str) -> Iterator[str]:
    """Parts between commas that are not quoted."""
    start, quoted, escaped = 0, False, False
    for at, letter in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _hop(element: str) -> _Hop:
    pairs: dict[str, str] = {}
    at = 0
    while at < len(element):
        match = _PAIR.match(element, at)
        if match is None or (match.end() < len(element) and element[match.end()] != ";"):
            return _Hop(None)
        value = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
        if pairs.setdefault(match[1].lower(), value) != value:
            return _Hop(None)
        at = match.end() + 1
    return _Hop(_node(pairs.get("for", "")), pairs.get("proto", ""), pairs.get("host", ""))


def _node(text: str) -> Address | None:
    """`192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`; else None."""
    text = text.strip().strip('"')
    if match := re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?", text):
        return parse_address(match[1])
    if match := re.fullmatch(r"(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?", text):
        return parse_address(match[1])
    return parse_address(text) if "%" not in text else None


def _list(headers: Any, name: str) -> list[str]:
    joined = ",".join(_all(headers, name))
    return [item.strip() for item in joined.split(",")[-_HOPS:]] if joined.strip() else []


def _all(headers: Any, name: str) -> Sequence[str]:
    return headers.getall(name, [])


def _last(items: Sequence[str], fits: Any) -> str:
    """The nearest proxy's word, if it is one."""
    return items[-1] if items and fits(items[-1]) else ""


def _is_scheme(text: str) -> bool:
    return text in ("http", "https")


def _netloc(url: str) -> str | None:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None


def hostname(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""
