"""Session descriptions as browsers write them; see tests/golden/sdp."""

from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "golden" / "sdp"

BROWSERS = ("chromium_offer", "firefox_offer", "obs_offer", "chromium_answer")


def crlf(said: str) -> str:
    return said.replace("\r\n", "\n").replace("\n", "\r\n")


def text(name: str) -> str:
    return crlf((_FOLDER / f"{name}.sdp").read_text("utf-8"))


VIDEO = crlf(
    """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 1A:2B:3C:4D:5E:6F:70:81:92:A3:B4:C5:D6:E7:F8:09:1A:2B:3C:4D:5E:6F:70:81:92:A3:B4:C5:D6:E7:F8:09
a=setup:actpass
a=mid:0
a=sendonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=ssrc:7001 cname:w
"""
)
"""One m-line of a plain load generator."""
