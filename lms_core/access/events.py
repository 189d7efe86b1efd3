from lms_core.kernel.events import event
from lms_core.kernel.ids import LoginId, PersonId, UnitId


@event("access.logins_ended")
class LoginsEnded:
    """All of a person's log-ins ended: their connections and places in rooms end with them."""

    organisation_id: UnitId
    person_id: PersonId


@event("access.login_ended")
class LoginEnded:
    """One log-in ended: its connections end with it."""

    organisation_id: UnitId
    person_id: PersonId
    login_id: LoginId


@event("access.roles_changed")
class RolesChanged:
    """A role of a person ended, or one was given to who is logged in: what they may do is to be asked anew."""

    organisation_id: UnitId
    person_id: PersonId
