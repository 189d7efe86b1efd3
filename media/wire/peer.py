"""One peer of the wire: an address with its keys, what it sends and what it is sent."""

from typing import TYPE_CHECKING

from . import Address, srtp
from .incoming import Publication, element_of
from .outgoing import Stream

if TYPE_CHECKING:
    from .sending import Outlet
    from .viewer_line import ViewerLine

MAX_STREAMS = 256
"""SSRCs one peer may send under in its life; libsrtp keeps state for each."""
MAX_ADDRESSES = 8
MAX_RATE = 12_000
"""RTP packets a peer may send in a second, and BURST seconds' worth of them at once."""
BURST = 1.0
SILENCE = 1.0
"""Seconds after which a stream may go on under another SSRC without signalling."""

Source = tuple[Publication, bool]
"""Whose packets an SSRC's are, and whether they are repairs (RTX)."""


class Peer:
    """`way` leads to `address`, and is `held` while no video goes there, because too much is waiting.

    `incoming` tells whose the packets of an SSRC are; None for one that nobody wants.

    `line` is there once something is to be known of what it carries to this peer.

    `due` is when its next RTP packet would be if it kept to MAX_RATE; it may be BURST seconds early.
    """

    __slots__ = (
        "address", "addresses", "by_ssrc", "due", "held", "incoming", "key", "keys", "line", "publications",
        "reporters", "streams", "way",
    )  # fmt: skip

    def __init__(self, key: str, address: Address, way: "Outlet", keys: srtp.Keys) -> None:
        self.key, self.address, self.way, self.keys = key, address, way, keys
        self.held = False
        self.line: ViewerLine | None = None
        self.addresses = [address]
        self.due = 0.0
        self.incoming: dict[int, Source | None] = {}
        self.reporters: set[int] = set()
        self.publications: dict[str, Publication] = {}
        self.streams: dict[str, Stream] = {}
        self.by_ssrc: dict[int, Stream] = {}

    def may_send_as(self, ssrc: int) -> bool:
        """False for one SSRC too many; asked before a packet is opened."""
        return ssrc in self.incoming or len(self.incoming) < MAX_STREAMS

    def may_report_as(self, ssrc: int) -> bool:
        if ssrc in self.reporters:
            return True
        if len(self.reporters) >= MAX_STREAMS:
            return False
        self.reporters.add(ssrc)
        return True

    def latch(self, ssrc: int, inbox: memoryview, size: int, now: float) -> Source | None:
        """Find out whose stream a new SSRC is: by signalling, else by mid, else by a payload type of its own.

        Raises rtp.Malformed.
        """
        source = self._told(ssrc) or self._guessed(ssrc, inbox, size, now)
        self.incoming[ssrc] = source
        return source

    def forget_incoming(self) -> None:
        """Publications changed: what was known of SSRCs is asked anew, except their number."""
        for ssrc in self.incoming:
            self.incoming[ssrc] = None

    def _told(self, ssrc: int) -> Source | None:
        for publication in self.publications.values():
            if publication.ssrc == ssrc:
                return publication, False
            if publication.repair_ssrc == ssrc:
                return publication, True
        return None

    def _guessed(self, ssrc: int, inbox: memoryview, size: int, now: float) -> Source | None:
        kind = inbox[1] & 0x7F
        publications = self.publications.values()
        named = [each for each in publications if _is_named(each, inbox, size)]
        candidates = named or [each for each in publications if each.told_ssrc is None]
        playing = [each for each in candidates if kind in each.clocks]
        repairing = [each for each in candidates if kind in each.repaired_types]
        if len(playing) == 1 and not repairing and _is_free(playing[0], now):
            self.incoming = {key: None if source == (playing[0], False) else source
                             for key, source in self.incoming.items()}  # fmt: skip
            playing[0].begin(ssrc)
            return playing[0], False
        if len(repairing) == 1 and not playing:
            return repairing[0], True
        return None


def _is_named(publication: Publication, inbox: memoryview, size: int) -> bool:
    wanted = publication.mid_extension
    return bool(wanted) and element_of(inbox, size, wanted) == publication.mid


def _is_free(publication: Publication, now: float) -> bool:
    return publication.first < 0 or now - publication.last_arrival > SILENCE
