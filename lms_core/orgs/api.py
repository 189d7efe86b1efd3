from dataclasses import dataclass

from lms_core.access.policy import Permission
from lms_core.kernel.api import SELF, Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import UnitId
from lms_core.kernel.names import Names

from . import service
from .service import Kind, Level, OrganisationView

api = Api()


@dataclass(frozen=True, slots=True)
class OrganisationList:
    """`items`: organisations I look after or into. `next`: give it as `after`; None on the last page.
    `places`: units below which I may add, the nearest to the root first."""

    items: list[OrganisationView]
    next: UnitId | None
    places: list[OrganisationView]


@dataclass(frozen=True, slots=True)
class OneOrganisation:
    """`position`: of the organisation's stream, read before the rest."""

    position: int
    organisation: OrganisationView


@dataclass(frozen=True, slots=True)
class AddOrganisation:
    """`kind` of an organisation only. Without `zone`: that of `above`."""

    above: UnitId
    names: Names
    level: Level = Level.ORGANISATION
    kind: Kind | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeOrganisation:
    """`school_year`: the one to work in, by the year in which it begins; None: today's."""

    version: int
    names: Names
    kind: Kind | None
    zone: str
    school_year: int | None = None


@dataclass(frozen=True, slots=True)
class Zones:
    items: list[str]


@api.route("GET", "/api/organisations", needs=Permission.PLAN_READ)
async def list_organisations(tx: Tx, after: UnitId | None = None) -> OrganisationList:
    """The organisations I look after or may look into, the oldest first."""
    items, following = await service.looked_after(tx, after)
    return OrganisationList(items, following, await service.places_to_add(tx))


@api.route("POST", "/api/organisations", needs=Permission.ORGANISATION_ADD)
async def add_organisation(tx: Tx, body: AddOrganisation) -> OrganisationView:
    """Add a unit of management or an organisation below one where I may.

    Refusals: unit_misplaced, kind_misplaced, zone_unknown.
    """
    return await service.add_for(tx, body.above, body.level, body.names, body.kind, body.zone)


@api.route("GET", "/api/organisations/{organisation_id}", needs=Permission.PLAN_READ)
async def read_organisation(tx: Tx, organisation_id: UnitId) -> OneOrganisation:
    """One organisation."""
    position = await tx.position(organisation_id)
    return OneOrganisation(position, await service.read_for(tx, organisation_id))


@api.route("PATCH", "/api/organisations/{organisation_id}", needs=Permission.ORGANISATION_CHANGE)
async def change_organisation(tx: Tx, organisation_id: UnitId, body: ChangeOrganisation) -> OrganisationView:
    """Change names, kind, time zone, school year. Planned lessons keep their time on the wall.

    Refusals: stale, kind_misplaced, zone_unknown.
    """
    return await service.change_for(
        tx,
        organisation_id,
        body.version,
        names=body.names,
        kind=body.kind,
        zone=body.zone,
        school_year=body.school_year,
    )


@api.route("GET", "/api/zones", needs=SELF)
async def list_zones(tx: Tx) -> Zones:
    """Names of time zones that may be chosen."""
    return Zones(service.zones())


@api.topic("keeping:{organisation_id}")
async def read_keeping(tx: Tx, organisation_id: UnitId) -> UnitId:
    return (await service.organisation_for(tx, organisation_id, Permission.PLAN_READ)).id
