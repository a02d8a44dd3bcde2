"""Whether a visitor sits at this machine. Where nobody signs in, only then he is the one local user.

The name he asks for counts as much as his address: what comes through a proxy comes from this machine too, and a page
of a stranger may lead a browser here under a name of its own.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence

ADDRESSES, NAMES = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Cf-Connecting-Ip"), ("Host", "X-Forwarded-Host")
"""Headers in which proxies say whom they speak for, and those with the name that was asked for."""

HERE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)


def from_here(address: str | None, headers: Mapping[str, Sequence[str]]) -> bool:
    """Whether a connection comes from this machine, and through nobody who speaks for another one.

    Args:
        address: of the other end; None where there is none (a socket of this machine, a test).
        headers: name, as "X-Real-Ip" -> its values.
    """
    if address is not None and not _loopback(address):
        return False
    spoken_for = [part for name in ADDRESSES for value in headers.get(name, ()) for part in re.split("[,;]", value)]
    asked = [part for name in NAMES for value in headers.get(name, ()) for part in value.split(",")]
    return bool(headers.get("Host")) and all(map(_here, asked)) and all(map(_speaks_for_here, spoken_for))


def _here(host: str) -> bool:
    """Whether a Host header names this machine."""
    return bool(HERE.fullmatch(host.strip()))


def _speaks_for_here(part: str) -> bool:
    """Whether one entry of a forwarding header names this machine, or nobody (``proto=http``)."""
    name, equals, value = part.strip().rpartition("=")
    if equals and name.lower() not in ("for", "host"):
        return True
    return _loopback(value.strip('" ')) or _here(value.strip('" '))


def _loopback(text: str) -> bool:
    try:
        found = ipaddress.ip_address(text.strip().removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback
