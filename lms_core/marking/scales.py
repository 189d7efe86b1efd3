"""Scales: percent to result, by the level and the day. General ones lie beside this file with the act they come from;
an organisation's own go before them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import delete, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden
from lms_core.kernel.ids import ScaleId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.plain import from_plain, to_plain
from lms_core.kernel.text import clean
from lms_core.orgs import service as orgs

from . import core
from .core import Scale
from .model import OwnScale
from .views import AddScale, ScaleList, ScaleView

ENTERED = Names("ұйым енгізген", "внесена организацией", "entered by the organisation")


@cache
def general() -> tuple[Scale, ...]:
    """Those of the model rules."""
    return from_plain(
        tuple[Scale, ...], json.loads(files("lms_core.marking").joinpath("scales.json").read_text("utf-8"))
    )


async def in_force(tx: Tx, organisation: UnitId, level: str, day: date) -> Scale | None:
    """The organisation's own scale of a level on a day, else the general one; None where there is none."""
    own = [scale for _, scale in await _own(tx, organisation, level)]
    for scales in (own, general()):
        try:
            return core.scale_on(scales, level, day)
        except core.ScaleMissing:
            continue
    return None


async def list_for(tx: Tx) -> ScaleList:
    """All that the actor's organisation may mark by, the newest of each level first."""
    home = tx.actor.organisation
    own = await _own(tx, home) if home else []
    items = [view(scale, row.id) for row, scale in own] + [view(one) for one in general()]
    items.sort(key=lambda one: (one.level, one.valid_from.toordinal() * -1, not one.own))
    return ScaleList(items, home is not None and await _may_rule(tx, home))


async def add(tx: Tx, asked: AddScale) -> ScaleView:
    """One more of the organisation's own; what is in force on a day never changes afterwards but by a later one.

    Raises Forbidden, ScaleUnfit.
    """
    home = tx.actor.organisation
    if home is None or not await _may_rule(tx, home):
        raise Forbidden(needs=Permission.SCALE_WRITE)
    scale = core.check_scale(_scale(asked))
    row = OwnScale(
        organisation_id=home,
        id=ScaleId(tx.new_id("scale")),
        level=scale.level,
        valid_from=scale.valid_from,
        valid_to=scale.valid_to,
        body=to_plain(scale),
        by_id=tx.actor.id,
        at=tx.now,
    )
    tx.add(row)
    await tx.flush()
    return view(scale, row.id)


def source_named(source: str) -> Names:
    """A scale's act, of which a result holds the English name, in each language."""
    known = (one.source for one in general())
    return next((one for one in known if one.en == source), _alike(source))


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(delete(OwnScale).where(OwnScale.organisation_id == organisation))


def view(scale: Scale, own: ScaleId | None = None) -> ScaleView:
    return ScaleView(
        id=own,
        level=scale.level,
        own=own is not None,
        valid_from=scale.valid_from,
        valid_to=scale.valid_to,
        source=scale.source,
        sure=scale.sure,
        places=scale.places,
        appeal_hours=scale.appeal_hours,
        bands=list(scale.bands),
    )


def _scale(asked: AddScale) -> Scale:
    bands = tuple(replace(one, label=clean(one.label)) for one in asked.bands)
    return Scale(
        level=clean(asked.level),
        bands=bands,
        valid_from=asked.valid_from,
        valid_to=asked.valid_to,
        source=_alike(clean(asked.source)),
        places=asked.places,
        appeal_hours=asked.appeal_hours,
        sure=ENTERED,
    )


async def _own(tx: Tx, organisation: UnitId, level: str | None = None) -> list[tuple[OwnScale, Scale]]:
    query = select(OwnScale).where(OwnScale.organisation_id == organisation)
    rows = await tx.all(query if level is None else query.where(OwnScale.level == level))
    return [(row, from_plain(Scale, _named(row.body))) for row in rows]


def _named(body: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept now: before, it was called in one language."""
    if not isinstance(body["source"], str):
        return dict(body)
    return {**body, "source": to_plain(_alike(body["source"])), "sure": to_plain(ENTERED)}


def _alike(text: str) -> Names:
    """What people wrote themselves reads alike in every language."""
    return Names(text, text, text)


async def _may_rule(tx: Tx, home: UnitId) -> bool:
    unit = await orgs.unit(tx, home)
    return policy.allows(tx.actor, Permission.SCALE_WRITE, [Scope(unit.path)])
