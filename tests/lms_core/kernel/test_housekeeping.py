"""What is told is forgotten in the end, and readers from before that know it."""

from sqlalchemy import func, select, update

from lms_core.kernel.db import Tx
from lms_core.kernel.housekeeping import KEEP_EVENTS, prune_outbox
from lms_core.kernel.tables import Outbox, ReactionDone, StreamPosition
from tests.support.story import refused
from tests.support.world import World


async def test_told_events_are_pruned_after_a_week(world: World) -> None:
    misha, room = (await world.enters("misha"))[0], world.school.algebra.room_id
    topic = f"room:{room}"
    for text in ("a", "b"):
        await misha.writes(room, text)
    await world.clock.advance(KEEP_EVENTS.total_seconds())
    await misha.writes(room, "c")
    await world.job("kernel.prune_outbox")
    assert await _kept(world) == 3, "a week to the second"
    await world.clock.advance(1)
    await world.job("kernel.prune_outbox")
    assert await _kept(world) == 1
    with refused("position_too_old", 409):
        await misha.commands("subscribe", {"topic": topic, "position": 1})
    answer = await misha.commands("subscribe", {"topic": topic, "position": 2})
    assert [told["body"]["text"] for told in answer["events"]] == ["c"]
    [head] = await world.run(lambda tx: tx.all(select(StreamPosition)))
    assert (head.position, head.pruned) == (3, 2)


async def test_what_is_not_told_yet_is_kept(world: World) -> None:
    [misha] = await world.enters("misha")
    await misha.asks("post_message", {"text": "a"}, room_id=world.school.algebra.room_id)
    await world.clock.advance(2 * KEEP_EVENTS.total_seconds())
    await world.run(prune_outbox.work)
    assert await _kept(world) == 1


async def test_done_reactions_go_with_their_events(world: World) -> None:
    [misha] = await world.enters("misha")
    await misha.writes(world.school.algebra.room_id, "a")

    async def react(tx: Tx) -> None:
        [row] = await tx.all(select(Outbox))
        tx.add(ReactionDone(stream=row.stream, event_id=row.id, reaction="test.react"))

    await world.run(react)
    await world.job("kernel.prune_outbox")
    assert await world.run(lambda tx: tx.one(select(func.count()).select_from(ReactionDone))) == 1
    await world.run(lambda tx: tx.execute(update(Outbox).values(at=tx.now - 2 * KEEP_EVENTS)))
    await world.job("kernel.prune_outbox")
    assert await world.run(lambda tx: tx.one(select(func.count()).select_from(ReactionDone))) == 0


async def _kept(world: World) -> int:
    return await world.run(lambda tx: tx.one(select(func.count()).select_from(Outbox))) or 0
