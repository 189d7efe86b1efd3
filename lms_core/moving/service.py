"""Taking a list: each row as its form would be, in one transaction that is kept or, for a check, undone."""

import asyncio
import base64
import binascii
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import xlsxwriter

from lms_core.access import accounts
from lms_core.access import service as access
from lms_core.access.policy import Permission, Role
from lms_core.courses import service as courses
from lms_core.groups import service as groups
from lms_core.groups.service import GroupView
from lms_core.kernel import sheets
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import GroupId, PersonId, UnitId
from lms_core.kernel.text import match_key, name_key, search_key
from lms_core.lessons import timetable
from lms_core.lessons.timetable import HourOfWeek
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people
from lms_core.people.service import PersonData

from . import core
from .core import CellUnfit, Kind, Row

LENGTH = 45
Outcome = Literal["add", "same", "refused"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list: `text` as pasted, or `file` (.xlsx, .xls, .ods) in base64. Lessons repeat each week from `first` to
    `until`; people begin to learn on `first`. `year`: in which the school year begins. `language`: of the people
    without one of their own; by default that of who sends the list."""

    kind: Kind
    first: date
    year: int
    until: date | None = None
    text: str = ""
    file: str = ""
    language: people.Language | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What would become, or became, of a row. Refused: `code` and `params` as of a refusal, `column` if known."""

    line: int
    label: str
    outcome: Outcome
    code: str = ""
    column: str = ""
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    added: int
    same: int
    refused: int
    rows: list[Checked]


class _Undone(Exception):
    def __init__(self, report: Report) -> None:
        self.report = report


async def check(ctx: Context, organisation: UnitId, sheet: Sheet) -> Report:
    """What would happen; nothing does. Raises NotFound, Forbidden, ListUnfit."""
    rows = await _read(ctx, sheet)

    async def work(tx: Tx) -> Report:
        raise _Undone(await _take(tx, organisation, sheet, rows))

    try:
        return await ctx.run(work)
    except _Undone as undone:
        return undone.report


async def take(ctx: Context, organisation: UnitId, sheet: Sheet, *, only_good: bool) -> Report:
    """Take all rows, or only the good ones. Given again, nothing is doubled. Raises ImportRefused, ListUnfit."""
    rows = await _read(ctx, sheet)

    async def work(tx: Tx) -> Report:
        report = await _take(tx, organisation, sheet, rows)
        if report.refused and not only_good:
            raise core.ImportRefused(refused=report.refused)
        return report

    return await ctx.run(work)


def template(kind: Kind, language: people.Language) -> bytes:
    """An .xlsx file with the header of a list."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        page = book.add_worksheet()
        page.write_row(0, 0, [core.HEADERS[name][language] for name in core.COLUMNS[kind]], bold)
        page.set_column(0, len(core.COLUMNS[kind]), 24)
    return made.getvalue()


async def _read(ctx: Context, sheet: Sheet) -> list[Row]:
    if not sheet.file:
        return core.rows(sheet.kind, core.split(sheet.text))
    try:
        file = base64.b64decode(sheet.file, validate=True)
        if len(file) > core.MOST_BYTES:
            raise core.ListUnfit(why="too_large", most=core.MOST_BYTES)
        return core.rows(sheet.kind, await asyncio.to_thread(sheets.read, file))
    except (binascii.Error, sheets.Unreadable):
        raise core.ListUnfit(why="unreadable") from None


async def _take(tx: Tx, organisation_id: UnitId, sheet: Sheet, rows: list[Row]) -> Report:
    needs = Permission.ROLL_WRITE if sheet.kind == "people" else Permission.PLAN_WRITE
    taking = _Taking(tx, await orgs.organisation_for(tx, organisation_id, needs), sheet)
    await taking.prepare(rows)
    take: Callable[[Row], Awaitable[Outcome]] = getattr(taking, sheet.kind)
    found: list[Checked] = []
    for row in rows:
        label = " · ".join(row.cells.values())
        try:
            found.append(Checked(row.line, label, await take(row)))
        except Refusal as no:
            column = str(no.params.pop("column", ""))
            found.append(Checked(row.line, label, "refused", no.code, column, no.params))
    await taking.finish()
    count = [one.outcome for one in found]
    return Report(count.count("add"), count.count("same"), count.count("refused"), found)


class _Taking:
    """One list on its way: what is known at the start, and what its rows add to that."""

    def __init__(self, tx: Tx, organisation: Organisation, sheet: Sheet) -> None:
        self.tx, self.organisation, self.sheet = tx, organisation, sheet
        self.language: people.Language = sheet.language or "kk"
        self.groups: dict[str, GroupView] = {}
        self.iins: dict[str, PersonId] = {}
        self.named: dict[str, list[PersonId]] = {}
        self.subjects: dict[str, str] = {}
        self.learning: dict[PersonId, set[GroupId]] = {}
        self.logins: dict[PersonId, str] = {}
        self.enrol: dict[str, list[PersonId]] = {}
        self.roles: dict[Role, list[PersonId]] = {}

    async def prepare(self, rows: list[Row]) -> None:
        if self.sheet.language is None and self.sheet.kind == "people":
            self.language = await people.language_of(self.tx, self.tx.actor.id)
        found = await groups.of_organisation(self.tx, self.organisation.id, self.sheet.year)
        self.groups = {name_key(view.name): view for view in found}
        for code, called in (await courses.directory(self.tx, self.organisation.id)).items():
            self.subjects |= {match_key(one): code for one in (called.kk, called.ru, called.en)}
        names = [" ".join(core.name_of(row)) for row in rows]
        names += [row.cells[column] for row in rows for column in ("teacher", "child") if column in row.cells]
        iins = [row.cells["iin"] for row in rows if "iin" in row.cells]
        known = await people.known(self.tx, self.organisation.id, iins, names)
        for view in known:
            self._know(view.id, view.name, view.iin)
        for one in await groups.of_persons(self.tx, self.organisation.id, [view.id for view in known]):
            self.learning.setdefault(one.person, set()).add(one.group)

    async def people(self, row: Row) -> Outcome:
        family, given, patronymic = core.name_of(row)
        role = Role(core.role_of(row))
        language = core.language_of(row) or self.language
        data = people.check(PersonData(family, given, patronymic, row.cells.get("iin"), language))
        group = self._group(row) if "class" in row.cells else None
        child = self._one(row, "child") if role is Role.PARENT else None
        name = " ".join((family, given, patronymic))
        if person := self._same(data, name, group):
            return await self._meet(person, role, group, child, "same")
        login = accounts.check_login(row.cells.get("login") or people.login_of(given, family))
        if group:
            groups.check_open(group)
        person = people.add_checked(self.tx, self.organisation.id, data)
        self.logins[person] = login
        self._know(person, name, data.iin)
        return await self._meet(person, role, group, child, "add")

    async def classes(self, row: Row) -> Outcome:
        name = row.cells.get("class", "")
        if name_key(name) in self.groups:
            return "same"
        said = row.cells.get("grade", name)
        grade = groups.grade_in(said)
        if grade is None:
            raise CellUnfit(column="grade")
        view = await groups.add_group(self.tx, self.organisation, name, grade, self.sheet.year)
        self.groups[name_key(name)] = view
        return "add"

    async def courses(self, row: Row) -> Outcome:
        subject, group = self._subject(row), self._group(row)
        teacher = self._one(row, "teacher")
        for view in await courses.of_organisation(self.tx, self.organisation.id, year=self.sheet.year, taking=group.id):
            if view.subject_code == subject and teacher in view.teachers:
                return "same"
        await courses.add_course_for(self.tx, self.organisation, subject, [group.id], [teacher], self.sheet.year)
        return "add"

    async def lessons(self, row: Row) -> Outcome:
        subject, group = self._subject(row), self._group(row)
        teacher = self._one(row, "teacher") if "teacher" in row.cells else None
        minutes = row.cells.get("minutes", str(LENGTH))
        if not minutes.isdecimal():
            raise CellUnfit(column="minutes")
        found = await courses.of_organisation(self.tx, self.organisation.id, year=self.sheet.year, taking=group.id)
        fitting = [v for v in found if v.subject_code == subject and (teacher is None or teacher in v.teachers)]
        if not fitting:
            raise CellUnfit(column="subject")
        hour = HourOfWeek(core.weekday_of(row), row.cells.get("begins", ""), int(minutes[:4]))
        until = self.sheet.until or self.sheet.first
        title = row.cells.get("title", "")
        course, first = fitting[0].id, self.sheet.first
        added = await timetable.plan_weeks(
            self.tx, self.organisation, course, [hour], first, until, teacher=teacher, title=title
        )
        return "add" if added else "same"

    async def finish(self) -> None:
        """What is quicker for many at once."""
        await self.tx.flush()
        made = dict(zip(self.logins, await accounts.free_logins(self.tx, list(self.logins.values())), strict=True))
        await accounts.open_accounts(self.tx, self.organisation.id, made)
        await self.tx.flush()
        for key, persons in self.enrol.items():
            await groups.enrol_all(self.tx, self.groups[key], persons, self.sheet.first)
        for role, persons in self.roles.items():
            own = role in (Role.TEACHER, Role.LEARNER)
            await accounts.give(self.tx, persons, role, self.organisation.path, own=own)
        people.announce(self.tx, self.organisation.id, None)
        groups.announce(self.tx, self.organisation.id)
        courses.announce(self.tx, self.organisation.id)

    async def _meet(
        self, person: PersonId, role: Role, group: GroupView | None, child: PersonId | None, outcome: Outcome
    ) -> Outcome:
        if group and role is Role.LEARNER and group.id not in self.learning.get(person, set()):
            groups.check_open(group)
            self.enrol.setdefault(name_key(group.name), []).append(person)
            self.learning.setdefault(person, set()).add(group.id)
            outcome = "add"
        if child:
            held = (await accounts.roles_of(self.tx, [person], self.organisation.path)).get(person, [])
            if child not in {one.subject for one in held}:
                await access.assign(self.tx, person, Role.PARENT, self.organisation.path, subject=child)
        else:
            self.roles.setdefault(role, []).append(person)
        return outcome

    def _same(self, data: PersonData, name: str, group: GroupView | None) -> PersonId | None:
        """By the IIN; else by name and class, or by name alone where neither has another class."""
        named = self.named.get(search_key(name), [])
        if data.iin and (found := self.iins.get(data.iin)):
            if found not in named:
                raise CellUnfit(column="iin")
            return found
        fitting = [p for p in named if (group.id in self.learning.get(p, set()) if group else True)]
        if data.iin:
            fitting = [p for p in fitting if p not in self.iins.values()]
        return fitting[0] if fitting else None

    def _know(self, person: PersonId, name: str, iin: str | None) -> None:
        self.named.setdefault(search_key(name), []).append(person)
        if iin:
            self.iins[iin] = person

    def _group(self, row: Row) -> GroupView:
        view = self.groups.get(name_key(row.cells.get("class", "")))
        if view is None:
            raise CellUnfit(column="class")
        return view

    def _one(self, row: Row, column: str) -> PersonId:
        """The one person of that name. Raises CellUnfit for none or several."""
        found = self.named.get(search_key(row.cells.get(column, "")), [])
        if len(found) != 1:
            raise CellUnfit(column=column)
        return found[0]

    def _subject(self, row: Row) -> str:
        code = self.subjects.get(match_key(row.cells.get("subject", "")))
        if code is None:
            raise CellUnfit(column="subject")
        return code
