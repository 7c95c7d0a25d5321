"""Which addresses a connection may reach, and under which address its name is called (docs/wire.md)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sync.wire.errors import TargetRefused, Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Lookup = Callable[..., Sequence[tuple[Any, ...]]]

NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
# Machines of a cloud ask here for their own credentials. The link-local one (169.254.169.254) is refused as such.
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254")))


@dataclass(frozen=True)
class BaseUrl:
    """Where a connection's paths begin: `prefix` is empty or starts with a slash and does not end with one."""

    scheme: str
    host: str
    port: int
    prefix: str

    @property
    def origin(self) -> str:
        """Scheme, host and, unless it is the usual one, port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme] == self.port
        return f"{self.scheme}://{host}" if usual else f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True)
class Target:
    """A host with the addresses that were resolved and found allowed, in the resolver's order."""

    host: str
    port: int
    addresses: tuple[str, ...]


def parse_base_url(url: str) -> BaseUrl:
    """The parts of a connection's address.

    Raises TargetRefused saying what is wrong, without repeating the address: it may hold a password.
    """
    if not url or any(character <= " " or character == "\\" for character in url):
        raise _refused("The address is empty or contains blanks or backslashes.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = None, None
    if parts is None:
        raise _refused("The address has no valid host or port.")
    if parts.scheme not in ("http", "https"):
        raise _refused("The address must start with http:// or https://.")
    if "@" in parts.netloc:
        raise _refused("The address contains a user name or password.", hint="Take them out of the address and enter them as secrets.")
    if parts.query or parts.fragment:
        raise _refused("The address contains a “?” or “#” part.", hint="Give the address only as far as its path.")
    host = _plain_host(parts.hostname or "")
    if not host or port == 0:
        raise _refused("The address has no valid host or port.")
    return BaseUrl(parts.scheme, host, port or {"http": 80, "https": 443}[parts.scheme], parts.path.rstrip("/"))


def _plain_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").lower() if host else ""
    except UnicodeError:
        return ""


def resolve(host: str, port: int, allowed: Sequence[Network], lookup: Lookup = socket.getaddrinfo) -> Target:
    """Look `host` up once and return its addresses, every one of them allowed.

    `allowed` lists the networks that are open although they are not public. Raises TargetRefused when a single address is not allowed,
    because a name that answers with a mixture is either misconfigured or an attack; Unreachable (code dns) when there is no address.
    """
    problem: str | None = None
    found: Sequence[tuple[Any, ...]] = ()
    try:
        found = lookup(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        temporary = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        problem = "dns_busy" if temporary else "dns"
    if problem or not found:
        raise Unreachable(
            f"The name {host} can't be found.",
            hint="Check the spelling of the address and this machine's name server.",
            code=problem or "dns",
        )
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if reason := address_problem(address, allowed):
            raise _refused(f"{host} is at {address}, which is {reason}.", hint=_hint(address, reason))
    return Target(host, port, addresses)


def check_written(host: str, allowed: Sequence[Network]) -> None:
    """Refuse a host that is written as an address which may never be called, before anything is. A name is looked up when it is called.

    Raises TargetRefused.
    """
    try:
        # Also 0xA9FEA9FE and 127.1, which a resolver understands.
        address = str(ipaddress.ip_address(host)) if ":" in host else socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError):
        return
    if reason := address_problem(address, allowed):
        raise _refused(f"{host} is {reason}.", hint=_hint(address, reason))


def address_problem(address: str, allowed: Sequence[Network]) -> str | None:
    """Why `address` must not be reached, as the end of a sentence; None when it may.

    Public addresses may be reached; private and loopback ones only inside `allowed`; link-local, multicast, unspecified, reserved and cloud
    metadata addresses never, also when written as IPv6 forms of an IPv4 address.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "no IP address"
    inner = embedded(ip)
    forms = [ip] if inner is None else [ip, inner]
    for form in forms:
        if reason := _never(form):
            return reason
    if any(form.version == network.version and form in network for form in forms for network in allowed):
        return None
    return None if (inner or ip).is_global else "not a public address"


def embedded(ip: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, Teredo, NAT64), if any."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    # The old “IPv4-compatible” form, ::a.b.c.d, and the two NAT64 prefixes carry it in the last 32 bits.
    if any(ip in network for network in NAT64) or 1 < int(ip) < 2**32:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return None


def _never(ip: Address) -> str | None:
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_multicast:
        return "a multicast address"
    if ip.is_unspecified:
        return "the unspecified address"
    if ip in METADATA:
        return "a cloud metadata address"
    if isinstance(ip, ipaddress.IPv4Address) and (ip.is_reserved or int(ip) < 2**24):
        return "a reserved address"
    return None


def _hint(address: str, reason: str) -> str:
    if reason != "not a public address":
        return "Connections never reach such addresses. Correct the address."
    return f"If it is a machine of yours, add its network, for example {address}, to ALLOWED_TARGETS."


def _refused(sentence: str, hint: str = "Write for example https://host.example/path.") -> TargetRefused:
    return TargetRefused(sentence, hint=hint)
