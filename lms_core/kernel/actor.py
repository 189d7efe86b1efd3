"""Who does something now. What they may do is decided in `lms_core.access.policy` alone."""

from dataclasses import dataclass

from .ids import LoginId, PersonId, UnitId


@dataclass(frozen=True, slots=True)
class Held:
    """A role held today, at a place: `path` is a prefix of the scopes it covers (`/unit_…/group_…/`).

    With `person`, it covers only what belongs to that person: a parent's child, a proctor's learner.
    """

    role: str
    path: str
    person: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    person: PersonId | None
    name: str = ""
    login: LoginId | None = None
    roles: tuple[Held, ...] = ()
    organisation: UnitId | None = None
    held_up: str | None = None
    """What must be done before anything else: `password_change_needed` or `second_factor_setup_needed`."""

    @property
    def id(self) -> PersonId:
        """The person; only where a log-in was already required."""
        if self.person is None:
            raise AssertionError("an actor without a person got past the door")
        return self.person


NOBODY = Actor(None)
SYSTEM = Actor(None, name="system")
