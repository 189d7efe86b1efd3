"""Results as an Excel file with charts: a row for each learner, how the questions did, the commission's record."""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

import xlsxwriter

from .outcomes import Protocol, Results

Language = Literal["kk", "ru", "en"]
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AT = {"kk": 0, "ru": 1, "en": 2}
_WORDS = {
    "results": ("Нәтижелер", "Результаты", "Results"),
    "questions": ("Сұрақтар", "Вопросы", "Questions"),
    "protocol": ("Хаттама", "Протокол", "Record"),
    "name": ("Аты-жөні", "Имя", "Name"),
    "group": ("Сынып, топ", "Класс, группа", "Class, group"),
    "attempt": ("Әрекет", "Попытка", "Attempt"),
    "state": ("Күйі", "Состояние", "State"),
    "points": ("Ұпай", "Баллы", "Points"),
    "most": ("Ең көбі", "Максимум", "Of"),
    "percent": ("Пайыз", "Процент", "Per cent"),
    "label": ("Баға", "Оценка", "Mark"),
    "question": ("Сұрақ", "Вопрос", "Question"),
    "kind": ("Түрі", "Тип", "Kind"),
    "asked": ("Жауап берді", "Отвечали", "Asked"),
    "facility": ("Орындалуы", "Выполнение", "Facility"),
    "discrimination": ("Ажыратуы", "Различение", "Discrimination"),
    "point_biserial": ("Тестпен байланысы", "Связь с тестом", "Point-biserial"),
    "count": ("Саны", "Количество", "Count"),
    "mean": ("Орташа ұпай", "Средний балл", "Mean points"),
    "deviation": ("Стандартты ауытқу", "Стандартное отклонение", "Standard deviation"),
    "alpha": ("Сенімділігі (альфа)", "Надёжность (альфа)", "Reliability (alpha)"),
    "sem": ("Өлшеу қатесі", "Ошибка измерения", "Error of measurement"),
    "from_percent": ("Пайыздан бастап", "От процента", "From per cent"),
    "scale": ("Бағалау шкаласы", "Шкала оценивания", "Grading scale"),
    "organisation": ("Ұйым", "Организация", "Organisation"),
    "commission": ("Комиссия", "Комиссия", "Commission"),
    "chair": ("Төраға", "Председатель", "Chair"),
    "marker": ("Тексеруші", "Проверяющий", "Marker"),
    "proctor": ("Бақылаушы", "Наблюдатель", "Proctor"),
    "signature": ("Қолы", "Подпись", "Signature"),
    "opens": ("Басталуы", "Начало", "Begins"),
    "released": ("Жарияланды", "Объявлено", "Released"),
    "absent": ("Келмегендер", "Не явились", "Absent"),
    "marked": ("Қолмен бағаланған жауап", "Ответов проверено вручную", "Answers marked by hand"),
    "aloud": ("Ауызша жауаптар", "Устные ответы", "Answered aloud"),
    "regrades": ("Қайта бағаланған сұрақтар", "Пересмотренные вопросы", "Regraded questions"),
    "appeals": ("Апелляциялар", "Апелляции", "Appeals"),
    "why": ("Себебі", "Причина", "Why"),
    "decision": ("Шешім", "Решение", "Decision"),
    "open": ("қаралуда", "рассматривается", "open"),
    "granted": ("қанағаттандырылды", "удовлетворена", "granted"),
    "refused": ("қанағаттандырылмады", "отклонена", "refused"),
    "full": ("барлығына толық ұпай", "полный балл всем", "all points to all"),
    "drop": ("тесттен алынды", "исключён из теста", "dropped"),
    "key": ("кілт түзетілді", "исправлен ключ", "key corrected"),
    "planned": ("келмеді", "не явился", "did not come"),
    "checking": ("тіркелді", "регистрация", "checking in"),
    "ready": ("дайын", "допущен", "admitted"),
    "running": ("тапсыруда", "сдаёт", "sitting"),
    "interrupted": ("байланыс үзілді", "связь прервана", "line lost"),
    "paused": ("тоқтатылды", "приостановлен", "paused"),
    "handed_in": ("тапсырды", "сдал", "handed in"),
    "terminated": ("үзілді", "прекращён", "terminated"),
    "accepted": ("қабылданды", "принят", "accepted"),
    "voided": ("жойылды", "аннулирован", "voided"),
    "missed": ("келмеді", "не явился", "did not come"),
}
_HEAD = ("name", "group", "attempt", "state", "points", "most", "percent", "label")
_QUESTION = ("question", "kind", "asked", "facility", "discrimination", "point_biserial")


def workbook(found: Results, protocol: Protocol, language: Language) -> bytes:
    """The file. Slow where there are many: not for the event loop."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        maker = _Maker(book, language)
        maker.results(found)
        maker.questions(found)
        maker.protocol(protocol)
    return made.getvalue()


class _Maker:
    def __init__(self, book: xlsxwriter.Workbook, language: Language) -> None:
        self.book, self.language = book, language
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})

    def say(self, word: str) -> str:
        return _WORDS[word][_AT[self.language]] if word in _WORDS else word

    def sheet(self, name: str) -> Any:
        return self.book.add_worksheet(self.say(name))

    def results(self, found: Results) -> None:
        sheet = self.sheet("results")
        most = max((len(one.by_question) for one in found.rows), default=0)
        heads = [self.say(one) for one in _HEAD] + [str(at) for at in range(1, most + 1)]
        self.row(sheet, 0, heads, self.bold)
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, 7, 12)
        sheet.freeze_panes(1, 1)
        for at, one in enumerate(found.rows, 1):
            line = [one.name, one.group, one.attempt or None, self.say(one.state)]
            line += [one.points, one.most, one.percent, one.label]
            self.row(sheet, at, [*line, *(each.points for each in one.by_question)])
        at = len(found.rows) + 3
        statistics = found.statistics
        for word in ("count", "mean", "deviation", "alpha", "sem"):
            self.row(sheet, at, [self.say(word), getattr(statistics, word)])
            at += 1
        counts = [(one.label, one.count) for one in statistics.labels]
        self.chart(sheet, at + 1, ("label", "count"), counts, (at + 1, 3))
        columns = [(str(one.least), one.count) for one in statistics.histogram]
        self.chart(sheet, at + len(counts) + 18, ("from_percent", "count"), columns, (at + len(counts) + 18, 3))

    def questions(self, found: Results) -> None:
        sheet = self.sheet("questions")
        self.row(sheet, 0, ["№", *(self.say(one) for one in _QUESTION)], self.bold)
        sheet.set_column(1, 1, 60)
        sheet.set_column(2, 6, 14)
        of = found.statistics.questions
        for at, one in enumerate(of, 1):
            title = getattr(one.title, self.language) or one.title.kk or one.title.ru or one.title.en
            self.row(sheet, at, [at, title, one.kind, one.asked, one.facility, one.discrimination, one.point_biserial])
        if of:
            chart = self.columns()
            names = [sheet.name, 1, 0, len(of), 0]
            chart.add_series(
                {"categories": names, "values": [sheet.name, 1, 4, len(of), 4], "name": [sheet.name, 0, 4]}
            )
            sheet.insert_chart(len(of) + 2, 1, chart)

    def protocol(self, record: Protocol) -> None:
        sheet = self.sheet("protocol")
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 40)
        sheet.set_column(2, 8, 14)
        said = [
            (self.say("organisation"), getattr(record.organisation, self.language)),
            (record.title, ""),
            (self.say("opens"), _moment(record.opens_at)),
            (self.say("scale"), getattr(record.scale.source, self.language) if record.scale else ""),
            (self.say("mean"), record.mean),
            (self.say("alpha"), record.alpha),
            (self.say("marked"), record.marked),
            (self.say("absent"), record.absent),
            (self.say("released"), f"{_moment(record.released)} {record.released_by or ''}".strip()),
        ]
        at = self.rows(sheet, 0, said)
        at = self.rows(sheet, at + 1, [(one.label, one.count) for one in record.labels])
        heads = ["№", "name", "group", "state", "points", "most", "percent", "label"]
        at = self.rows(sheet, at + 1, [[self.say(one) for one in heads]], self.bold)
        lines = [
            [one.nth, one.name, one.group, self.say(one.state), one.points, one.most, one.percent, self.mark(one)]
            for one in record.lines
        ]
        at = self.rows(sheet, at, lines)
        at = self.rows(sheet, at + 1, [[self.say("aloud"), self.called(record)]] if record.aloud else [], self.bold)
        at = self.rows(sheet, at, self.told(record))
        at = self.rows(sheet, at + 1, [[self.say("regrades")]] if record.regrades else [], self.bold)
        regrades = [[getattr(one.title, self.language), self.say(one.how), one.why, one.by] for one in record.regrades]
        at = self.rows(sheet, at, regrades)
        at = self.rows(sheet, at + 1, [[self.say("appeals")]] if record.appeals else [], self.bold)
        appeals = [[one.number, one.why, self.say(one.state), one.answer, one.points] for one in record.appeals]
        at = self.rows(sheet, at, appeals)
        at = self.rows(sheet, at + 1, [[self.say("commission"), "", self.say("signature")]], self.bold)
        self.rows(sheet, at, [[self.say(one.part), one.name, "____________"] for one in record.commission])

    def called(self, record: Protocol) -> str:
        """In which call, and when."""
        if record.call is None:
            return ""
        subject = getattr(record.call.subject, self.language) if record.call.subject else ""
        return " ".join(one for one in (subject, record.call.title, _moment(record.call.starts_at)) if one)

    def told(self, record: Protocol) -> list[list[Any]]:
        """A row for each question that was answered live, with its markers."""
        return [
            [
                *(one.name, getattr(one.title, self.language), one.points, one.most),
                *(f"{mark.marker}: {mark.points} {mark.comment}".strip() for mark in one.marks),
            ]
            for one in record.aloud
        ]

    def mark(self, line: Any) -> str:
        words = getattr(line.words, self.language) if line.words else ""
        return f"{line.label} ({words})" if words else line.label

    def rows(self, sheet: Any, at: int, lines: Sequence[Sequence[Any]], form: Any = None) -> int:
        """Writes them from a row on; the row behind them."""
        for nth, line in enumerate(lines):
            self.row(sheet, at + nth, line, form)
        return at + len(lines)

    def row(self, sheet: Any, at: int, line: Sequence[Any], form: Any = None) -> None:
        """Numbers as numbers, all else as text: nothing is ever reckoned by the program that opens it."""
        for column, value in enumerate(line):
            if isinstance(value, int | float | Decimal):
                sheet.write_number(at, column, value, form)
            elif value not in (None, ""):
                sheet.write_string(at, column, str(value), form)

    def columns(self) -> Any:
        return self.book.add_chart({"type": "column"})

    def chart(
        self, sheet: Any, at: int, heads: tuple[str, str], columns: Sequence[tuple[str, int]], place: tuple[int, int]
    ) -> None:
        """A small table and columns drawn of it."""
        self.row(sheet, at, [self.say(one) for one in heads], self.bold)
        self.rows(sheet, at + 1, columns)
        if not columns:
            return
        last = at + len(columns)
        chart = self.columns()
        chart.add_series({"categories": [sheet.name, at + 1, 0, last, 0], "values": [sheet.name, at + 1, 1, last, 1]})
        chart.set_legend({"none": True})
        chart.set_x_axis({"name": self.say(heads[0])})
        chart.set_y_axis({"name": self.say(heads[1])})
        sheet.insert_chart(*place, chart)


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""
