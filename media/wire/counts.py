"""What was counted of one peer's packets, for operators and for the peer's own page: plain JSON values, ids as keys."""

from collections.abc import Mapping
from typing import Any

from .incoming import Publication
from .outgoing import Stream
from .peer import Peer


def counts(peer: Peer, publications: Mapping[str, Publication]) -> dict[str, Any]:
    """`up` by publication (in layers: by layer), `down` by publication; `held` while its way is full."""
    return {
        "held": peer.held,
        "up": {each.key: _up(each) for each in peer.publications.values()},
        "down": {
            stream.key: _down(stream, publications.get(stream.key)) for stream in peer.streams.values()
        },
    }  # fmt: skip


def _up(publication: Publication) -> dict[str, Any]:
    """`lost` on the way, of which `repaired` came again; `asked` is how often it was asked for one, `given_up` how many
    did not come at all."""
    expected = publication.highest - publication.first + 1 if publication.first >= 0 else 0
    return {
        "packets": publication.received,
        "lost": max(expected - publication.received, 0),
        "repaired": publication.repaired,
        "asked": publication.asked,
        "given_up": publication.given_up,
        "keyframes": publication.keyframes,
    }


def _down(stream: Stream, publication: Publication | None) -> dict[str, Any]:
    """`repaired` are packets that were sent again, `as` RTX or `plain`; `asked` how often the viewer asked for
    one."""
    return {
        "packets": stream.packets,
        "bytes": stream.octets,
        "repaired": stream.retransmitted,
        "as": "plain" if stream.repair_ssrc is None else "rtx",
        "asked": stream.asked,
        "paused": stream.paused,
        "muted": publication is not None and publication.muted,
    }
