from lms_core.kernel.events import event
from lms_core.kernel.ids import UnitId


@event("groups.groups_changed", topic="keeping:{organisation_id}")
class GroupsChanged:
    """A group was added, renamed or closed, or somebody learns elsewhere."""

    organisation_id: UnitId
