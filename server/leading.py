"""Commands and operations by which a lesson is led: each hands a deed (media.room_deeds) to the room, which decides.

What a deed needs is checked there, so that nothing here trusts the page: who may not is refused `may_not_lead`.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from lms_core.access.policy import Permission
from lms_core.kernel.api import SELF, Api, Context, Nothing
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden
from lms_core.kernel.ids import PersonId, RoomId
from lms_core.lessons import service as lessons
from media import room_deeds as deeds

from .cluster.rooms import ClusterRooms
from .signals import BreakoutsView, BreakoutView, Picked
from .sockets import Call

COMMANDS: Final[dict[str, type]] = {
    "raise_hand": deeds.RaiseHand,
    "lower_hand": deeds.LowerHand,
    "react": deeds.React,
    "caption": deeds.SayCaption,
    "set_rights": deeds.SetRights,
    "ask_to_unmute": deeds.AskToUnmute,
    "mute_all": deeds.MuteAll,
    "stop_publication": deeds.StopPublication,
    "remove_participant": deeds.RemoveParticipant,
    "set_lobby": deeds.SetLobby,
    "admit": deeds.Admit,
    "tell_waiting": deeds.TellWaiting,
    "set_spotlight": deeds.SetSpotlight,
    "start_timer": deeds.StartTimer,
    "stop_timer": deeds.StopTimer,
    "show": deeds.Show,
    "show_nothing": deeds.ShowNothing,
    "set_second": deeds.SetSecond,
    "go_to": deeds.GoTo,
    "put_into": deeds.PutInto,
    "call_for_help": deeds.CallForHelp,
    "call_breakouts": deeds.CallBreakouts,
    "watch": deeds.Watch,
}
"""Commands that are answered by nothing but that it is done."""


@dataclass(frozen=True, slots=True)
class BreakoutWish:
    """Who of `person_ids` is not there is put when they come."""

    name: str
    person_ids: list[PersonId] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenBreakouts:
    """By hand and by list: the `groups`, or `count` empty ones. By chance: `count` of about the same size, of the
    learners who are there. They close by themselves after `minutes`."""

    by: Literal["hand", "chance", "list"] = "chance"
    count: int | None = None
    groups: list[BreakoutWish] = field(default_factory=list)
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class CloseBreakouts:
    pass


def add_to(api: Api, rooms: ClusterRooms) -> None:
    for name, kind in COMMANDS.items():
        _add_command(api, rooms, name, kind)

    @api.command("pick_at_random")
    async def pick_at_random(call: Call) -> Picked:
        """Pick one of the learners in one's own place, nobody twice before all had their turn. All are told."""
        return Picked((await rooms.do(call.connection, deeds.PickAtRandom()))["participant_id"])

    @api.route("POST", "/api/rooms/{room_id}/breakouts", needs=SELF)
    async def open_breakouts(ctx: Context, room_id: RoomId, body: OpenBreakouts) -> BreakoutsView:
        """Divide a room: places of its own where people hear and see only each other. What was open is closed.

        Refusals: may_not_lead, lesson_not_open, lesson_ended, forbidden, not_found.
        """
        groups = tuple(deeds.Group(wish.name, tuple(wish.person_ids)) for wish in body.groups)
        made = await _do_as(ctx, rooms, room_id, deeds.OpenBreakouts(body.by, body.count, groups, body.minutes))
        return BreakoutsView([BreakoutView(**one) for one in made["items"]], made["closes_at"])

    @api.route("POST", "/api/rooms/{room_id}/breakouts/close", needs=SELF)
    async def close_breakouts(ctx: Context, room_id: RoomId, body: CloseBreakouts) -> Nothing:
        """Bring everybody back; nothing happens where no breakout is open.

        Refusals: may_not_lead, lesson_not_open, lesson_ended, forbidden, not_found.
        """
        await _do_as(ctx, rooms, room_id, deeds.CloseBreakouts())
        return Nothing()


def _add_command(api: Api, rooms: ClusterRooms, name: str, kind: type) -> None:
    async def do(call: Call, body: Any) -> Nothing:
        await rooms.do(call.connection, body)
        return Nothing()

    do.__annotations__["body"] = kind
    api.command(name)(do)


async def _do_as(ctx: Context, rooms: ClusterRooms, room_id: RoomId, deed: deeds.Deed) -> dict[str, Any]:
    """Whoever has a part in the lesson may ask; the room knows whom the teacher lets lead beside them."""

    async def leads(tx: Tx) -> bool:
        await lessons.of_room_for(tx, room_id, Permission.LESSON_JOIN)
        try:
            await lessons.open_room(tx, room_id, "lead")
        except Forbidden:
            await lessons.open_room(tx, room_id, "see")
            return False
        return True

    return await rooms.do_as(room_id, ctx.actor.id, await ctx.run(leads), deed)
