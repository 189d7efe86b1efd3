"""A track as one plane describes it to another, in plain JSON. Pure."""

from dataclasses import asdict, replace
from typing import Any

from .codecs import Codec
from .sdp import LEVEL, Shape, Taken

_REPAIRS = (127, 126, 125)


def described(taken: Taken) -> dict[str, Any]:
    """What another plane must know of a track to forward it."""
    told = asdict(taken)
    codec = told["shape"]["codec"]
    codec["feedback"] = sorted(codec["feedback"])
    codec["parameters"] = [list(pair) for pair in codec["parameters"]]
    told["shape"]["extensions"] = dict(taken.shape.extensions)
    del told["layer_ssrcs"]
    return told


def streams(about: dict[str, Any]) -> int:
    """How many are sent of a track: one for each layer."""
    return max(len(about.get("rids", ())), 1)


def imported(publication: str, about: dict[str, Any], ssrcs: tuple[tuple[int, int], ...]) -> Taken:
    """The same track as it comes from that plane, under SSRCs that were told. It has no mid there; its id stands for
    it. Raises KeyError, TypeError and ValueError for what is no description."""
    shape, codec = dict(about["shape"]), dict(about["shape"]["codec"])
    codec["parameters"] = tuple((name, value) for name, value in codec["parameters"])
    codec["feedback"] = frozenset(codec["feedback"])
    shape["extensions"] = {uri: number for uri, number in shape["extensions"].items() if uri == LEVEL}
    rids = tuple(about["rids"])
    taken = Taken(**{**about, "shape": Shape(**{**shape, "codec": Codec(**codec)}), "rids": rids})
    ((ssrc, repair_ssrc),) = ((None, None),) if rids else ssrcs
    return replace(
        taken, mid=publication, repair=repair_type(taken), ssrc=ssrc, repair_ssrc=repair_ssrc, nack=True,
        rid_extension=0, repaired_rid_extension=0, number_extension=0, layer_ssrcs=ssrcs if rids else (),
    )  # fmt: skip


def repair_type(taken: Taken) -> int:
    """The payload type of RTX between planes."""
    if taken.repair is not None:
        return taken.repair
    used = (taken.shape.codec.number, taken.shape.red)
    return next(number for number in _REPAIRS if number not in used)
