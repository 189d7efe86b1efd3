from lms_core.kernel.events import event
from lms_core.kernel.ids import PersonId, UnitId


@event("people.people_changed", topic="keeping:{organisation_id}")
class PeopleChanged:
    """Somebody came, left, or is written down otherwise: names, roles, log-in. None: many at once."""

    organisation_id: UnitId
    person_id: PersonId | None
