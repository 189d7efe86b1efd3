"""Who may look at the heads of a connection's packets, and what is left of that."""

import base64
from pathlib import Path

from lms_core.access.service import select
from lms_core.audit.model import Entry
from tests.server.test_watching import _administers_the_other_school
from tests.support.story import refused
from tests.support.world import World, a_world

ASKED = {"seconds": "20"}


async def test_heads_are_for_who_administers_the_installation_and_leave_a_line(tmp_path: Path) -> None:
    async with a_world(tmp_path, capture_seconds=30) as world:
        (admin,) = await world.enters("administrator")
        found = await admin.asks("capture_heads", query=ASKED, transport_id="tr_known")
        assert (found["transport_id"], found["packets"]) == ("tr_known", 1)
        assert base64.b64decode(found["pcap"])[:4].hex() == "a1b2c3d4"
        for transport, code, status in (("tr_busy", "capture_busy", 409), ("nobody", "not_found", 404)):
            with refused(code, status):
                await admin.asks("capture_heads", query=ASKED, transport_id=transport)
        with refused("captures_off", 403):
            await admin.asks("capture_heads", query={"seconds": "31"}, transport_id="tr_known")
        with refused("malformed"):
            await admin.asks("capture_heads", query={"seconds": "61"}, transport_id="tr_known")
        lines = await world.run(lambda tx: tx.all(select(Entry).where(Entry.op == "capture_heads")))
        looks = [line for line in lines if line.what == "looked"]
        assert [line.details for line in looks] == [
            {"transport_id": transport, "seconds": 20} for transport in ("tr_known", "tr_busy", "nobody")
        ]
        assert {line.actor_id for line in looks} == {world.school.persons["administrator"]}
        await world.run(_administers_the_other_school(world))
        (victor,) = await world.enters("victor")
        with refused("forbidden", 403):
            await victor.asks("capture_heads", query=ASKED, transport_id="tr_known")


async def test_by_default_nobody_may(world: World) -> None:
    (admin,) = await world.enters("administrator")
    with refused("captures_off", 403):
        await admin.asks("capture_heads", query={"seconds": "1"}, transport_id="tr_known")
