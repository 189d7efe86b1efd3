"""Refusals of rooms that are elsewhere, and how a refusal crosses a link: as itself."""

from typing import Any

from lms_core.kernel.errors import Refusal


class RoomAway(Refusal):
    """The process that holds the room does not answer, and no other has taken it over yet. Ask again."""

    code, status = "room_away", 503


class NotHere(Refusal):
    """Between processes only: the room is not the asked process's."""

    code, status = "room_not_here", 421


def packed(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "status": refusal.status, "params": refusal.params}


def unpacked(plain: dict[str, Any]) -> Refusal:
    """The refusal as it was raised; of a kind that this version does not know, one that says the same."""
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        if kind.code == plain["code"] and kind.status == plain["status"]:
            made = kind.__new__(kind)
            Refusal.__init__(made, **plain["params"])
            return made
        waiting += kind.__subclasses__()
    made = Refusal(**plain["params"])
    made.__dict__.update(code=plain["code"], status=plain["status"])
    return made
