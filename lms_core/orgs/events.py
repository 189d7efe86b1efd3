from lms_core.kernel.events import event
from lms_core.kernel.ids import UnitId


@event("orgs.organisation_added", topic="keeping:{organisation_id}")
class OrganisationAdded:
    """A unit was added below another, whose stream this is."""

    organisation_id: UnitId
    unit_id: UnitId


@event("orgs.organisation_changed", topic="keeping:{organisation_id}")
class OrganisationChanged:
    """Its names, kind, zone or school year."""

    organisation_id: UnitId


@event("orgs.zone_changed")
class ZoneChanged:
    """The clock on its wall goes by another zone: what is planned keeps its time on that wall."""

    organisation_id: UnitId
    was: str
    now: str
