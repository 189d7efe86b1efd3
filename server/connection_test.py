"""A test of the way between a browser and the planes: a room of one's own that carries nothing and ends by itself.

The page offers as it would in a lesson, over one kind of path at a time, and sees whether that connects. Only who
is logged in may: what is opened costs a handshake, and the relay's password is worth having.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from lms_core.kernel.api import SELF, Api, Context
from lms_core.kernel.clock import Clock
from lms_core.kernel.errors import Refusal, TooMany
from media.grant import Grant
from media.rooms import Rooms

from .config import Settings
from .turn import IceServer, ice_servers

PREFIX = "probe_"
"""Rooms of this name are no lesson's."""
LASTS = 20.0
"""Seconds that one test has."""
RULE = "24/5minute"
AT_ONCE = 4
"""Tests that one person may have open; the page needs three."""
RELAY_LASTS = 120.0
"""Seconds that the relay's password is good for a new connection."""


@dataclass(frozen=True, slots=True)
class Test:
    """`sdp` is a browser's offer to send sound."""

    sdp: str


@dataclass(frozen=True, slots=True)
class Tested:
    """The answer, with all addresses in it; a relay to try; and the ports that lessons need, UDP or TCP."""

    sdp: str
    ice_servers: list[IceServer]
    first_port: int
    last_port: int


class ConnectionTest:
    """`api` is its route; `run` ends what is over."""

    def __init__(self, rooms: Rooms, clock: Clock, settings: Settings) -> None:
        self._rooms, self._clock, self._settings = rooms, clock, settings
        self._open: asyncio.Queue[tuple[float, Grant, str]] = asyncio.Queue()
        self.api = self._make_api()

    async def run(self) -> None:
        """Until cancelled. All last equally long, so the first opened is the first over."""
        while True:
            ends, grant, resource = await self._open.get()
            await self._clock.sleep(max(0.0, ends - self._clock.monotonic()))
            with contextlib.suppress(Refusal):  # the browser has hung up before
                await self._rooms.close_resource(grant, resource)

    def dump(self) -> dict[str, int]:
        return {"open": self._open.qsize()}

    def _grant(self, person: str) -> Grant:
        now = self._clock.now().timestamp()
        return Grant(
            participant=f"{PREFIX}{person}",
            room=f"{PREFIX}{person}",
            person=person,
            name="",
            role="join",
            publish=frozenset({"microphone"}),
            hear=False,
            moderate=False,
            issued_at=now,
            expires_at=now + RELAY_LASTS,
            resources=AT_ONCE,
        )

    def _make_api(self) -> Api:
        api = Api()

        @api.route("POST", "/api/connection-test", needs=SELF)
        async def test_connection(ctx: Context, body: Test) -> Tested:
            """Open a connection that carries nothing, to see which paths work; it ends after 20 seconds.

            Refusals: too_many_attempts, and those of WHIP.
            """
            person = ctx.actor.id
            if wait := await ctx.limits.spent(RULE, "connection_test", person):
                raise TooMany(retry_after=int(wait) + 1)
            await ctx.limits.count(RULE, "connection_test", person)
            grant = self._grant(person)
            made = await self._rooms.open_publisher(grant, body.sdp)
            self._open.put_nowait((self._clock.monotonic() + LASTS, grant, made.id))
            relays = ice_servers(self._settings.turn, grant.participant, grant.expires_at)
            first = self._settings.udp_port
            return Tested(made.sdp, relays, first, first + self._settings.plane_count - 1)

        return api
