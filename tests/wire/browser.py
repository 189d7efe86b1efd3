"""A browser of few words on a network in memory: real SDP, STUN and DTLS, and packets given in the clear."""

from collections.abc import Sequence
from dataclasses import dataclass

from aioice import stun

from media.plane import sdp
from media.plane.dtls import Handshake, Handshakes, Keys
from media.wire import Address
from media.wire.fake import Network
from media.wire.frames import Frames, framed
from tests.wire.rig import Peer, Sealer

_CODECS = {
    "audio": ("111", ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"]),
    "red": (
        "111 63",
        ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"],
    ),
    "video": (
        "96 97",
        [
            "a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 ccm fir",
            "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96",
        ],
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Media:
    """One m-line of an offer; sound may be in `red`, too."""

    mid: str
    kind: str
    direction: str = "sendonly"
    ssrc: int | None = None
    stream: str = "cam"
    red: bool = False
    rids: tuple[str, ...] = ()


class Browser:
    """`peer` sends and gets packets once `connected`; `ended` tells why the path is no more.

    With an address of three parts it comes over TCP.
    """

    identities = Handshakes()

    def __init__(self, network: Network, address: Address) -> None:
        self.network, self.address = network, address
        self.ufrag, self.password = "brow", "browserpassword0123456789"
        self.target: Address = ("", 0)
        self.connected = False
        self.ended = ""
        self.answers = 0
        self.refusals: list[int] = []
        self.handshake: Handshake | None = None
        self.peer: Peer = Peer("", None, self.send)  # type: ignore[arg-type]
        self._remote = ("", "")
        self._frames = Frames(2048)
        network.attach(address, self._take)

    def offer(self, medias: Sequence[Media], setup: str = "actpass") -> str:
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines.append("a=group:BUNDLE " + " ".join(media.mid for media in medias))
        for media in medias:
            formats, codecs = _CODECS["red" if media.red else media.kind]
            lines += [f"m={media.kind} 9 UDP/TLS/RTP/SAVPF {formats}", "c=IN IP4 0.0.0.0", *self._transport(setup)]
            lines += [f"a=mid:{media.mid}", f"a={media.direction}", "a=rtcp-mux", *codecs, f"a=extmap:3 {sdp.MID}"]
            if media.kind == "audio":
                lines.append(f"a=extmap:1 {sdp.LEVEL}")
            if media.direction == "sendonly":
                lines.append(f"a=msid:{media.stream} track{media.mid}")
            if media.rids:
                lines += [f"a=extmap:10 {sdp.RID}", f"a=extmap:11 {sdp.REPAIRED_RID}"]
                lines += [f"a=rid:{rid} send" for rid in media.rids]
                lines.append(f"a=simulcast:send {';'.join(media.rids)}")
            if media.ssrc is not None:
                if media.kind == "video":
                    lines.append(f"a=ssrc-group:FID {media.ssrc} {media.ssrc + 1}")
                lines.append(f"a=ssrc:{media.ssrc} cname:someone")
        return "\r\n".join(lines) + "\r\n"

    def answer(self, offer: str, setup: str = "active") -> str:
        """The answer to whatever the plane offers: its codecs and extensions, received."""
        kept = ("m=", "c=", "a=rtpmap", "a=fmtp", "a=rtcp-fb", "a=mid", "a=extmap", "a=rtcp-mux")
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        for line in offer.split("\r\n"):
            if line.startswith("a=group"):
                lines.append(line)
            elif line.startswith(kept):
                lines.append(line)
                if line.startswith("m="):
                    lines += self._transport(setup)
            elif line == "a=sendonly":
                lines.append("a=recvonly")
            elif line == "a=inactive":
                lines.append(line)
        return "\r\n".join(lines) + "\r\n"

    def connect(self, text: str, role: str = "client") -> None:
        """Check the plane's candidate, and shake hands once it answers."""
        told = sdp.read(text)
        wanted = "udp" if len(self.address) == 2 else "tcp"
        candidates = [line.split() for line in text.split("\r\n") if line.startswith("a=candidate:")]
        candidate = next(each for each in candidates if each[2] == wanted)
        self.target = (candidate[4], int(candidate[5]))
        self._remote = (told.ufrag, told.password)
        if self.handshake is None:
            self.handshake = self.identities.new(role, told.fingerprints, self.send, self._finished)
        self.check()

    def check(self, *, nominate: bool = True, role: str = "ICE-CONTROLLING") -> None:
        """One binding request (RFC 8445 §7.2.5)."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._remote[0]}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1853817087
        request.attributes[role] = 7
        if nominate:
            request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._remote[1].encode())
        self.send(bytes(request))

    def move(self, address: Address) -> None:
        """The network under the browser changed."""
        self.network.detach(self.address)
        self.address, self._frames = address, Frames(2048)
        self.network.attach(address, self._take)

    def send(self, data: bytes) -> None:
        self.network.send(self.address, self.target, data if len(self.address) == 2 else framed(data))

    def fingerprints(self) -> tuple[tuple[str, str], ...]:
        return self.identities.identity.fingerprints

    def _transport(self, setup: str) -> list[str]:
        prints = [f"a=fingerprint:{algorithm} {digest}" for algorithm, digest in self.fingerprints()]
        return [f"a=ice-ufrag:{self.ufrag}", f"a=ice-pwd:{self.password}", *prints, f"a=setup:{setup}"]

    def _take(self, source: Address, data: bytes) -> None:
        for each in [data] if len(self.address) == 2 else self._frames.feed(data):
            self._packet(each)

    def _packet(self, data: bytes) -> None:
        if data[0] >= 128:
            if self.connected:  # as in a browser, what comes before the keys is lost
                self.peer.take(data)
        elif data[0] >= 20 and self.handshake is not None:
            self.handshake.feed(data)
        else:
            response = stun.parse_message(data)
            if response.message_class == stun.Class.ERROR:
                self.refusals.append(response.error_code or 0)
                return
            self.answers += 1
            if self.handshake is not None and self.handshake.leads:
                self.handshake.begin()

    def _finished(self, outcome: Keys | str) -> None:
        if isinstance(outcome, str):
            self.ended = outcome
            return
        self.peer.sealer = Sealer(outcome.profile, outcome.receive, outcome.send)
        self.connected = True
