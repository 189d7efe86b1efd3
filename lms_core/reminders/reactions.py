from lms_core.access.events import LoginEnded, LoginsEnded
from lms_core.consultations.events import ConsultationBooked, ConsultationCalledOff, ConsultationGivenBack
from lms_core.kernel.db import Tx
from lms_core.kernel.events import on

from . import service


@on(LoginEnded)
async def forget_browser(tx: Tx, fact: LoginEnded) -> None:
    await service.forget_browsers(tx, fact.person_id, fact.login_id)


@on(LoginsEnded)
async def forget_browsers(tx: Tx, fact: LoginsEnded) -> None:
    await service.forget_browsers(tx, fact.person_id)


@on(ConsultationBooked)
async def tell_booked(tx: Tx, fact: ConsultationBooked) -> None:
    await service.tell_of_consultation(
        tx, fact.organisation_id, fact.lesson_id, "consultation_booked", [fact.teacher_id]
    )


@on(ConsultationGivenBack)
async def tell_given_back(tx: Tx, fact: ConsultationGivenBack) -> None:
    await service.tell_of_consultation(
        tx, fact.organisation_id, fact.lesson_id, "consultation_given_back", [fact.teacher_id]
    )


@on(ConsultationCalledOff)
async def tell_called_off(tx: Tx, fact: ConsultationCalledOff) -> None:
    await service.tell_of_consultation(tx, fact.organisation_id, fact.lesson_id, "consultation_off", fact.guest_ids)
