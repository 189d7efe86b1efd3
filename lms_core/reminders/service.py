"""How people are reminded, and of what: wishes, browsers that may be woken, and the telling itself."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from lms_core.access import letters
from lms_core.access.policy import Permission
from lms_core.audit import service as audit
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import LessonId, LoginId, PersonId, PushId, UnitId
from lms_core.kernel.names import Names
from lms_core.lessons import coming
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import core
from .core import Kind
from .model import Notice, PushSubscription, ReminderRule, ReminderWish

MOST_NOTICES = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """`page`: in the page while it is open; `letter`: by mail; `minutes`: before a lesson; `quiet_from`, `quiet_to`:
    no letter and no push between these times on the organisation's wall (`22:00`), both empty for none."""

    page: bool
    letter: bool
    minutes: int
    quiet_from: str
    quiet_to: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """What a browser that woke may show. `made`: when it was told; `zone`: of the organisation."""

    kind: Kind
    lesson_id: LessonId
    subject: Names | None
    title: str
    starts_at: datetime
    zone: str
    made: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell, of one lesson."""

    kind: Kind
    lesson: LessonId
    subject: Names | None
    title: str
    starts_at: datetime


async def wish_of(tx: Tx) -> Wish:
    """Of the person who acts now."""
    row = await tx.get(ReminderWish, await _mine(tx))
    if row is None:
        return Wish(page=True, letter=False, minutes=core.USUAL_MINUTES, quiet_from="", quiet_to="")
    return Wish(row.page, row.letter, row.minutes, row.quiet_from, row.quiet_to)


async def set_wish(tx: Tx, wish: Wish) -> Wish:
    """Raises ReminderUnfit, LettersNotOffered (no address was confirmed)."""
    core.check_wish(wish.minutes, wish.quiet_from, wish.quiet_to)
    if wish.letter and await letters.address_of(tx, tx.actor.id) is None:
        raise core.LettersNotOffered
    key = await _mine(tx)
    row = await tx.get(ReminderWish, key)
    if row is None:
        row = ReminderWish(organisation_id=key[0], person_id=key[1])
        tx.add(row)
    row.page, row.letter, row.minutes = wish.page, wish.letter, wish.minutes
    row.quiet_from, row.quiet_to = wish.quiet_from, wish.quiet_to
    return wish


async def end_letters(tx: Tx, person: PersonId) -> None:
    """No reminders by letter any more; those that wait to be sent go too."""
    await tx.execute(update(ReminderWish).where(ReminderWish.person_id == person).values(letter=False))
    await letters.drop_reminders(tx, person)


async def push_allowed(tx: Tx, organisation: UnitId) -> bool:
    row = await tx.get(ReminderRule, organisation)
    return row is not None and row.push


async def push_allowed_for(tx: Tx, organisation: UnitId) -> bool:
    """For who may turn it on and off. Raises NotFound, Forbidden."""
    await orgs.organisation_for(tx, organisation, Permission.ORGANISATION_CHANGE)
    return await push_allowed(tx, organisation)


async def allow_push(tx: Tx, organisation: UnitId, *, push: bool) -> None:
    """By its administrator. Turned off, every browser's address is forgotten at once. Raises NotFound, Forbidden."""
    await orgs.organisation_for(tx, organisation, Permission.ORGANISATION_CHANGE)
    row = await tx.get(ReminderRule, organisation)
    if row is None:
        row = ReminderRule(organisation_id=organisation)
        tx.add(row)
    row.push = push
    if not push:
        await tx.execute(delete(PushSubscription).where(PushSubscription.organisation_id == organisation))
    audit.note(tx, "lock_changed", organisation=organisation, code="push_on" if push else "push_off")


def no_push() -> core.PushNotOffered:
    return core.PushNotOffered()


def no_letters() -> core.LettersNotOffered:
    return core.LettersNotOffered()


async def subscribe(tx: Tx, endpoint: str, services: Collection[str]) -> None:
    """Wake the browser whose address this is, while the log-in stands that asks for it. It was somebody else's
    before: it is not any more. `services`: push services that may be named. Raises PushNotOffered,
    PushServiceUnknown."""
    endpoint = core.check_endpoint(endpoint, services)
    home = await people.home_of(tx, tx.actor.id)
    if not await push_allowed(tx, home) or tx.actor.login is None:
        raise core.PushNotOffered
    await tx.execute(delete(PushSubscription).where(PushSubscription.endpoint_hash == _hash(endpoint)))
    own = select(PushSubscription).where(PushSubscription.person_id == tx.actor.id)
    for old in (await tx.all(own.order_by(PushSubscription.created.desc(), PushSubscription.id.desc())))[
        core.MOST_BROWSERS - 1 :
    ]:
        await tx.delete(old)
    row = PushSubscription(
        organisation_id=home,
        id=PushId(tx.new_id("push")),
        person_id=tx.actor.id,
        login_id=tx.actor.login,
        endpoint=endpoint,
        endpoint_hash=_hash(endpoint),
        created=tx.now,
        tries=0,
    )
    tx.add(row)


async def unsubscribe(tx: Tx, endpoint: str) -> None:
    """The actor's own browser is not woken any more; one that is not known already is not."""
    here = (PushSubscription.person_id == tx.actor.id) & (PushSubscription.endpoint_hash == _hash(endpoint))
    await tx.execute(delete(PushSubscription).where(here))


async def forget_browsers(tx: Tx, person: PersonId, login: LoginId | None = None) -> None:
    """Of one log-in that ended, or of all."""
    here = PushSubscription.person_id == person
    await tx.execute(delete(PushSubscription).where(here & (PushSubscription.login_id == login) if login else here))


async def notices_for(tx: Tx) -> list[NoticeView]:
    """What the actor was told of lately, the oldest first; not what has begun since."""
    organisation = await orgs.unit(tx, await people.home_of(tx, tx.actor.id))
    here = (Notice.organisation_id == organisation.id) & (Notice.person_id == tx.actor.id)
    fresh = (Notice.made > tx.now - core.FRESH) & (Notice.starts_at > tx.now)
    rows = await tx.all(select(Notice).where(here, fresh).order_by(Notice.made.desc()).limit(MOST_NOTICES))
    found = []
    for row in reversed(rows):
        if known := await coming.named(tx, organisation.id, row.lesson_id):
            subject, title, starts_at = known
            kind: Kind = row.kind  # type: ignore[assignment]
            found.append(NoticeView(kind, row.lesson_id, subject, title, starts_at, organisation.zone, row.made))
    return found


async def tell_of_lessons(tx: Tx, organisation: Organisation) -> None:
    """Those who want it, of their lessons that begin within the minutes they chose. Nobody in quiet hours."""
    wishes = await _wishes(tx, organisation.id)
    until = tx.now + core.EARLIEST
    for lesson in await coming.between(tx, organisation, tx.now, until, wishes):
        of = [one for one in lesson.of if (lesson.starts_at - tx.now).total_seconds() <= wishes[one].minutes * 60]
        await _tell(
            tx,
            organisation,
            {one: wishes[one] for one in of},
            Told("lesson_soon", lesson.id, lesson.subject, lesson.title, lesson.starts_at),
        )


async def tell_of_consultation(
    tx: Tx, organisation_id: UnitId, lesson: LessonId, kind: Kind, persons: Collection[PersonId]
) -> None:
    """Those of the persons who are reminded at all; after their quiet hours."""
    known = await coming.named(tx, organisation_id, lesson)
    if known is None or known[2] <= tx.now:
        return
    wishes = await _wishes(tx, organisation_id, persons)
    await _tell(tx, await orgs.unit(tx, organisation_id), wishes, Told(kind, lesson, *known))


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    for table in (ReminderRule, ReminderWish, PushSubscription, Notice):
        await tx.execute(delete(table).where(table.organisation_id == organisation))


async def _tell(tx: Tx, organisation: Organisation, wishes: Mapping[PersonId, Wish], told: Told) -> None:
    same = (Notice.organisation_id == organisation.id) & (Notice.lesson_id == told.lesson) & (Notice.kind == told.kind)
    before = {row.person_id: row for row in await tx.all(select(Notice).where(same, Notice.person_id.in_(wishes)))}
    at = told.starts_at.astimezone(ZoneInfo(organisation.zone))
    data = {"title": told.title, "day": f"{at:%d.%m.%Y}", "time": f"{at:%H:%M}", "lesson_id": told.lesson}
    data |= {f"subject_{one}": getattr(told.subject, one) if told.subject else "" for one in ("kk", "ru", "en")}
    woken: dict[PersonId, datetime] = {}
    for person, wish in wishes.items():
        quiet = core.quiet_until(tx.now, organisation.zone, wish.quiet_from, wish.quiet_to)
        due = quiet or tx.now
        if due >= told.starts_at or (quiet and told.kind == "lesson_soon"):
            continue
        row = before.get(person)
        if row and row.starts_at == told.starts_at and (told.kind == "lesson_soon" or row.made > tx.now - core.AGAIN):
            continue
        if row is None:
            row = Notice(organisation_id=organisation.id, person_id=person, lesson_id=told.lesson, kind=told.kind)
            tx.add(row)
        row.starts_at, row.made, woken[person] = told.starts_at, tx.now, due
        if wish.letter:
            letters.queue(tx, told.kind, person=person, due=due, until=told.starts_at, **data)
    await _wake(tx, organisation.id, woken, told.starts_at)


async def _wake(tx: Tx, organisation: UnitId, persons: Mapping[PersonId, datetime], until: datetime) -> None:
    if not persons:
        return
    here = (PushSubscription.organisation_id == organisation) & PushSubscription.person_id.in_(persons)
    for row in await tx.all(select(PushSubscription).where(here)):
        due = persons[row.person_id]
        row.due = min(row.due or due, due)
        row.until = max(row.until or until, until)
        row.tries = 0


async def _wishes(tx: Tx, organisation: UnitId, among: Collection[PersonId] | None = None) -> dict[PersonId, Wish]:
    """Of those who are reminded by letter or by push."""
    rows = select(ReminderWish).where(ReminderWish.organisation_id == organisation)
    woken = select(PushSubscription.person_id).where(PushSubscription.organisation_id == organisation)
    if among is not None:
        rows, woken = rows.where(ReminderWish.person_id.in_(among)), woken.where(PushSubscription.person_id.in_(among))
    pushed = set(await tx.all(woken))
    usual = Wish(page=True, letter=False, minutes=core.USUAL_MINUTES, quiet_from="", quiet_to="")
    found = dict.fromkeys(pushed, usual)
    for row in await tx.all(rows):
        if row.letter or row.person_id in pushed:
            found[row.person_id] = Wish(row.page, row.letter, row.minutes, row.quiet_from, row.quiet_to)
    return found


async def _mine(tx: Tx) -> tuple[UnitId, PersonId]:
    return await people.home_of(tx, tx.actor.id), tx.actor.id


def _hash(endpoint: str) -> bytes:
    return hashlib.sha256(endpoint.encode()).digest()
