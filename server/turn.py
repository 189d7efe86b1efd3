"""Permission to use the relay: names and passwords that end by themselves (coturn's `use-auth-secret`).

The relay knows nobody. It believes a name `END:PARTICIPANT` until the moment END (epoch seconds), because the
password is that name under the secret it shares with us.
"""

import hmac
from base64 import b64encode
from dataclasses import dataclass

from .config import Turn


@dataclass(frozen=True, slots=True)
class IceServer:
    """As browsers want it (RTCIceServer)."""

    urls: list[str]
    username: str
    credential: str


def ice_servers(turn: Turn | None, participant: str, until: float) -> list[IceServer]:
    """What a participant may relay through until that moment; nothing where there is no relay."""
    if turn is None or not turn.urls:
        return []
    username = f"{int(until)}:{participant}"
    digest = hmac.digest(turn.secret.encode(), username.encode(), "sha1")  # what coturn computes
    return [IceServer(list(turn.urls), username, b64encode(digest).decode())]


def link_values(servers: list[IceServer]) -> list[str]:
    """Values of `Link` headers (RFC 9725 §4.6)."""
    return [
        f'<{url}>; rel="ice-server"; username="{server.username}"; credential="{server.credential}"; '
        'credential-type="password"'
        for server in servers
        for url in server.urls
    ]
