"""One peer of the wire: an address with its keys, what it sends and what it is sent."""

from typing import TYPE_CHECKING

from . import Address, srtp
from .incoming import Publication, elements_of
from .outgoing import Stream

if TYPE_CHECKING:
    from .arrivals import Arrivals
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

    `line` is there once something is to be known of what it carries to this peer, `arrivals` once this peer wants
    to know what its line up carries.

    `due` is when its next RTP packet would be if it kept to MAX_RATE; it may be BURST seconds early. `pace` is the time
    from one to the next.
    """

    __slots__ = (
        "address", "addresses", "arrivals", "by_ssrc", "due", "held", "incoming", "key", "keys", "line", "most_streams",
        "pace", "publications", "reporters", "streams", "way",
    )  # fmt: skip

    def __init__(self, key: str, address: Address, way: "Outlet", keys: srtp.Keys) -> None:
        self.key, self.address, self.way, self.keys = key, address, way, keys
        self.held = False
        self.line: ViewerLine | None = None
        self.arrivals: Arrivals | None = None
        self.addresses = [address]
        self.due = 0.0
        self.weigh(1)
        self.incoming: dict[int, Source | None] = {}
        self.reporters: set[int] = set()
        self.publications: dict[str, Publication] = {}
        self.streams: dict[str, Stream] = {}
        self.by_ssrc: dict[int, Stream] = {}

    def weigh(self, weight: int) -> None:
        """It may send as much as so many."""
        self.pace = 1 / (MAX_RATE * weight)
        self.most_streams = MAX_STREAMS * weight

    def may_send_as(self, ssrc: int) -> bool:
        """False for one SSRC too many; asked before a packet is opened."""
        return ssrc in self.incoming or len(self.incoming) < self.most_streams

    def may_report_as(self, ssrc: int) -> bool:
        if ssrc in self.reporters:
            return True
        if len(self.reporters) >= self.most_streams:
            return False
        self.reporters.add(ssrc)
        return True

    def latch(self, ssrc: int, inbox: memoryview, size: int, now: float) -> Source | None:
        """Find out whose stream a new SSRC is: by signalling, else by mid and rid, else by a payload type of its own.

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
        kind, elements = inbox[1] & 0x7F, elements_of(inbox, size)
        publications = self.publications.values()
        named = [each for each in publications if each.mid_extension and elements.get(each.mid_extension) == each.mid]
        candidates = named or [each for each in publications if each.told_ssrc is None]
        playing = [
            each
            for each in candidates
            if kind in each.clocks and (not each.rid or elements.get(each.rid_extension) == each.rid)
        ]
        repairing = [
            each
            for each in candidates
            if kind in each.repaired_types and (not each.rid or elements.get(each.repaired_rid_extension) == each.rid)
        ]
        if len(playing) == 1 and not repairing and _is_free(playing[0], now):
            self.incoming = {key: None if source == (playing[0], False) else source
                             for key, source in self.incoming.items()}  # fmt: skip
            playing[0].begin(ssrc)
            return playing[0], False
        if len(repairing) == 1 and not playing:
            if repairing[0].rid:
                repairing[0].repair_ssrc = ssrc  # browsers leave the rid out after a while
            return repairing[0], True
        return None


def _is_free(publication: Publication, now: float) -> bool:
    return publication.first < 0 or now - publication.last_arrival > SILENCE
