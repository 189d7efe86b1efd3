"""What was answered, as a table for the teacher's own use."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import xlsxwriter

from . import core
from .service import Given, PollView

_WORDS = {
    "kk": {
        "name": "Аты-жөні",
        "answer": "Жауап",
        "right": "Дұрыс",
        "yes": "Иә",
        "no": "Жоқ",
        "option": "Нұсқа",
        "count": "Саны",
        "question": "Сұрақ",
    },
    "ru": {
        "name": "Имя",
        "answer": "Ответ",
        "right": "Верно",
        "yes": "Да",
        "no": "Нет",
        "option": "Вариант",
        "count": "Количество",
        "question": "Вопрос",
    },
    "en": {
        "name": "Name",
        "answer": "Answer",
        "right": "Right",
        "yes": "Yes",
        "no": "No",
        "option": "Option",
        "count": "Count",
        "question": "Question",
    },
}


def rows(poll: PollView, given: Sequence[Given], language: str) -> list[list[str]]:
    """The question, how many chose each option, and each answer; names only where the poll has them."""
    words = _WORDS[language]
    options = [words[one] for one in poll.options] if poll.kind == "yes_no" else poll.options
    made = [[words["question"], poll.question], []]
    if options:
        made.append([words["option"], words["count"]])
        made += [[one, str(count)] for one, count in zip(options, poll.counts or [], strict=False)]
        made.append([])
    made.append(
        [*([] if poll.anonymous else [words["name"]]), words["answer"], *([words["right"]] if poll.quiz else [])]
    )
    for one in given:
        line = [] if poll.anonymous else [one.voter.name if one.voter else ""]
        line.append(one.text or ", ".join(options[choice] for choice in one.choices))
        if poll.quiz:
            line.append(words["yes" if one.choices == poll.right else "no"])
        made.append(line)
    return [[core.cell(text) for text in line] for line in made]


def as_csv(lines: Sequence[Sequence[str]]) -> bytes:
    """With the mark and the semicolons by which office programs here know it."""
    out = StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def as_excel(lines: Sequence[Sequence[str]]) -> bytes:
    """Every cell is text, but for plain numbers."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.set_column(0, 1, 40)
        for row, line in enumerate(lines):
            for column, text in enumerate(line):
                if text.isascii() and text.isdigit() and len(text) < 10:
                    sheet.write_number(row, column, int(text))
                else:
                    sheet.write_string(row, column, text)
    return made.getvalue()
