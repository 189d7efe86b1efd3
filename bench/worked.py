"""Whether the server really did what a measurement is of: its own word, asked for while everybody is still there."""

from collections.abc import Iterator
from typing import Any

from bench.server import Server

MENDED = 0.99
"""Of the packets that viewers ask for again, what must come."""
ESTIMATED = 0.99
"""Of the viewers, whose lines must be estimated: who joined last has perhaps not reported yet."""


def worked(server: Server, viewers: int) -> dict[str, float]:
    """`lines` of `watching` viewers (0: of nobody who reports) that are estimated, and the least `estimate`; packets
    `resent` to viewers by the wires' own count; `kept`: publications that have a history."""
    planes = server.planes()
    lines = [each["line"] for plane in planes for each in plane["transports"].values() if each["kind"] != "publisher"]
    estimates = [line["estimate"] for line in lines if line]
    told = [each for plane in planes for each in _publications(plane["wire"]["publications"])]
    return {
        "watching": viewers,
        "lines": len(estimates),
        "estimate": min(estimates, default=0),
        "resent": sum(each["repaired"] for each in told),
        "kept": sum(each["history"] > 0 for each in told),
    }


def check_worked(said: dict[str, Any]) -> list[str]:
    """What must not be: repairs that did not come, or came without the wire's knowing; lines that nobody estimates."""
    wrong = [] if said["kept"] else ["no publication has a history"]
    if said["lines"] < ESTIMATED * said["watching"]:
        wrong.append(f"of {said['watching']:.0f} viewers' lines {said['lines']:.0f} are estimated")
    if "asked" not in said:
        return wrong + (["no viewer asked for anything"] if said["watching"] else [])
    if said["mended"] < MENDED:
        wrong.append(f"{said['mended']:.1%} of the packets asked for came, less than {MENDED:.0%}")
    if said["resent"] < MENDED * said["asked"]:
        wrong.append(f"the wire knows of {said['resent']:.0f} repairs, of {said['asked']:.0f} that were asked for")
    if not said["by_rtx"]:
        wrong.append("no repair came as RTX")
    return wrong


def _publications(told: Any) -> Iterator[dict[str, Any]]:
    """Of a wire's dump those that have packets: of a publication in layers, each layer."""
    for each in told.values() if isinstance(told, dict) else told:
        if isinstance(each, dict) and "history" in each:
            yield each
        elif isinstance(each, dict | list):
            yield from _publications(each)
