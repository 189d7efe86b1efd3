"""The heads of one connection's packets for some seconds, for who looks for a fault in it: written down, never more."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final, Protocol

from lms_core.access.policy import Permission
from lms_core.audit import service as audit
from lms_core.kernel.api import Api, Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Malformed, NotFound, Refusal
from media.pcap import pcap

from .status import check_operator

LONGEST: Final = 60
"""Seconds."""


class CapturesOff(Refusal):
    """`capture_seconds` is 0, or less than was asked for."""

    code, status = "captures_off", 403


class CaptureBusy(Refusal):
    """Another one is running on the same media process."""

    code, status = "capture_busy", 409


@dataclass(frozen=True, slots=True)
class Heads:
    """`pcap` is a file for Wireshark in base64: the heads of `packets` packets, the latest 20,000."""

    transport_id: str
    packets: int
    pcap: str


class Capturing(Protocol):
    async def capture(self, transport: str, seconds: float) -> dict[str, Any] | None: ...


def captures_api(planes: Capturing, most_seconds: int) -> Api:
    api = Api()

    @api.route("POST", "/api/transports/{transport_id}/heads", needs=Permission.SYSTEM_DUMP)
    async def capture_heads(ctx: Context, transport_id: str, seconds: int) -> Heads:
        """What the heads of a connection's packets are in the next 1 to 60 seconds; answered when these are over.

        Headers of RTP and the kinds of RTCP, never what anybody says or shows. Each leaves a line in the journal.
        """

        if not 1 <= seconds <= LONGEST:
            raise Malformed(fields=[{"at": "seconds", "why": "out_of_range"}])

        async def permit(tx: Tx) -> None:
            await check_operator(tx)
            if seconds > most_seconds:
                raise CapturesOff
            details = {"transport_id": transport_id[:40], "seconds": seconds}
            audit.note(tx, "looked", op="capture_heads", address=ctx.peer.address, details=details)

        await ctx.run(permit)
        found = await planes.capture(transport_id, seconds)
        if found is None:
            raise NotFound
        if found.get("error") == "busy":
            raise CaptureBusy
        ended = ctx.clock.now().timestamp()
        heads = [(ended - ago, is_sent, size, bytes.fromhex(head)) for ago, is_sent, size, head in found["heads"]]
        return Heads(transport_id, len(heads), b64encode(pcap(heads)).decode())

    return api
