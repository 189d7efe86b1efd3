from lms_core.kernel.events import event
from lms_core.kernel.ids import LessonId, PersonId, UnitId


@event("consultations.consultation_booked")
class ConsultationBooked:
    """Somebody took a place in a teacher's consultation."""

    organisation_id: UnitId
    lesson_id: LessonId
    teacher_id: PersonId
    person_id: PersonId


@event("consultations.consultation_given_back")
class ConsultationGivenBack:
    """Somebody will not come after all."""

    organisation_id: UnitId
    lesson_id: LessonId
    teacher_id: PersonId
    person_id: PersonId


@event("consultations.consultation_called_off")
class ConsultationCalledOff:
    """It will not be; `guest_ids` had booked it."""

    organisation_id: UnitId
    lesson_id: LessonId
    teacher_id: PersonId
    guest_ids: list[PersonId]
