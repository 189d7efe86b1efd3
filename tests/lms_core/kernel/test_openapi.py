"""What the server says of itself is told by names that mean one thing each."""

from dataclasses import dataclass, make_dataclass

import pytest

from lms_core.kernel.api import PUBLIC, Api, Context
from lms_core.kernel.openapi import TwoShapesOfOneName, openapi

Other = make_dataclass("Seat", [("number", int)], frozen=True)


@dataclass(frozen=True, slots=True)
class Seat:
    row: str


@dataclass(frozen=True, slots=True)
class Hall:
    seats: list[Seat]


def an_api() -> Api:
    api = Api()

    @api.route("GET", "/api/hall", needs=PUBLIC)
    async def hall(ctx: Context) -> Hall:
        """All seats."""
        raise NotImplementedError

    @api.route("POST", "/api/hall", needs=PUBLIC)
    async def seat(ctx: Context, body: Seat) -> Seat:
        """One more."""
        raise NotImplementedError

    return api


def test_a_shape_that_is_used_often_is_told_once() -> None:
    told = openapi("Hall", "1", [an_api()], {})["components"]["schemas"]
    assert {"Hall", "Seat"} <= told.keys()
    assert told["Hall"]["properties"]["seats"]["items"] == {"$ref": "#/components/schemas/Seat"}


def test_two_shapes_of_one_name_are_refused_and_named() -> None:
    with pytest.raises(TwoShapesOfOneName, match=rf"Seat: .*{__name__}"):
        openapi("Hall", "1", [an_api()], {"seat": Other})
