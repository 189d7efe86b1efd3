"""What a participant is told of their own ways up and down, out of what a plane says of a transport (plane.Look)."""

from collections.abc import Mapping
from typing import Any, Final

_COUNTED: Final = {
    "up": ("packets", "lost", "repaired", "asked", "given_up"),
    "down": ("packets", "bytes", "repaired", "asked"),
}


def told(way: str, looked: Mapping[str, Any] | None) -> dict[str, Any]:
    """server.lines.WayView. `way` is "up" or "down"; `looked` None, or empty: its plane does not say."""
    if not looked:
        return {"way": way, "known": False, "connected": False, "line": None, "counts": {}, "pictures": []}
    return {
        "way": way,
        "known": True,
        "connected": looked["connected"],
        "line": looked["line"],
        "counts": _summed(looked.get("counts", {}).get(way, {}), _COUNTED[way]),
        "pictures": [
            {"publication_id": name, "layer": layer, "why": why} for name, (layer, why) in looked["gets"].items()
        ],
    }


def _summed(streams: Mapping[str, Mapping[str, Any]], names: tuple[str, ...]) -> dict[str, int]:
    return {name: sum(int(each.get(name, 0)) for each in streams.values()) for name in names}
