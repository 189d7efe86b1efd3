"""Rules of lists: how a text becomes rows, and which column is which."""

import csv
from dataclasses import dataclass
from typing import Literal, TypeVar

from lms_core.kernel.errors import Refusal
from lms_core.kernel.text import clean, match_key

T = TypeVar("T")
Language = Literal["kk", "ru", "en"]
Kind = Literal["people", "classes", "courses", "lessons"]
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 3000, 40, 500
MOST_BYTES = 700_000

COLUMNS: dict[Kind, tuple[str, ...]] = {
    "people": ("name", "class", "iin", "role", "login", "child", "language"),
    "classes": ("class", "grade"),
    "courses": ("subject", "class", "teacher"),
    "lessons": ("day", "begins", "minutes", "class", "subject", "teacher", "title"),
}
"""In this order in a list without a header."""
NEEDED: dict[Kind, tuple[str, ...]] = {
    "people": ("name",),
    "classes": ("class",),
    "courses": ("subject", "class", "teacher"),
    "lessons": ("day", "begins", "class", "subject"),
}

HEADERS = {
    "name": {"kk": "Аты-жөні", "ru": "ФИО", "en": "Full name"},
    "class": {"kk": "Сынып", "ru": "Класс", "en": "Class"},
    "iin": {"kk": "ЖСН", "ru": "ИИН", "en": "IIN"},
    "role": {"kk": "Рөлі", "ru": "Роль", "en": "Role"},
    "login": {"kk": "Логин", "ru": "Логин", "en": "Login"},
    "child": {"kk": "Баласы", "ru": "Ребёнок", "en": "Child"},
    "language": {"kk": "Тілі", "ru": "Язык", "en": "Language"},
    "grade": {"kk": "Параллель", "ru": "Параллель", "en": "Grade"},
    "subject": {"kk": "Пән", "ru": "Предмет", "en": "Subject"},
    "teacher": {"kk": "Мұғалім", "ru": "Учитель", "en": "Teacher"},
    "day": {"kk": "Апта күні", "ru": "День недели", "en": "Weekday"},
    "begins": {"kk": "Басталуы", "ru": "Начало", "en": "Begins"},
    "minutes": {"kk": "Минут", "ru": "Минуты", "en": "Minutes"},
    "title": {"kk": "Тақырып", "ru": "Тема", "en": "Title"},
}
"""What templates call the columns."""

_TITLES = {
    "name": "аты-жөні, толық аты-жөні, фио, ф.и.о., тәә, тегі аты әкесінің аты, имя, полное имя, name, full name",
    "family": "тегі, фамилия, family name, surname, last name",
    "given": "аты, имя ребенка, given name, first name",
    "patronymic": "әкесінің аты, отчество, patronymic",
    "iin": "жсн, иин, iin",
    "class": "сынып, топ, класс, группа, class, group",
    "grade": "параллель, курс, grade, year of study",
    "role": "рөлі, роль, role",
    "login": "логин, login, log-in",
    "child": "баласы, ребенок, ребёнок, child",
    "language": "тілі, тіл, язык, язык общения, language",
    "subject": "пән, предмет, дисциплина, subject",
    "teacher": "мұғалім, учитель, преподаватель, педагог, teacher",
    "day": "күн, апта күні, күні, день, день недели, дата, day, date, weekday",
    "begins": "басталуы, уақыты, начало, время, begins, start, time",
    "minutes": "ұзақтығы, минут, длительность, минуты, minutes, length",
    "title": "тақырып, тақырыбы, тема, title, topic",
}
_OF_TITLE = {match_key(title): name for name, titles in _TITLES.items() for title in titles.split(",")}
_ROLES = {
    "learner": "оқушы, студент, білім алушы, ученик, ученица, обучающийся, pupil, student, learner",
    "teacher": "мұғалім, педагог, учитель, преподаватель, teacher",
    "parent": "ата-ана, ата-анасы, родитель, parent",
    "director": "директор, director, head",
    "deputy": "директордың орынбасары, завуч, заместитель директора, deputy, deputy director",
    "methodist": "әдіскер, методист, methodist",
    "tutor": "тьютор, tutor",
    "proctor": "проктор, proctor",
}
_OF_ROLE = {match_key(word): role for role, words in _ROLES.items() for word in words.split(",")}
_LANGUAGES: dict[Language, str] = {
    "kk": "қазақша, қазақ, қазақ тілі, казахский, kazakh, kk, kaz, қаз, каз",
    "ru": "орысша, орыс, орыс тілі, русский, russian, ru, rus, рус",
    "en": "ағылшынша, ағылшын, ағылшын тілі, английский, english, en, eng, англ",
}
_OF_LANGUAGE: dict[str, Language] = {
    match_key(word): language for language, words in _LANGUAGES.items() for word in words.split(",")
}
_DAYS = (
    "дүйсенбі, дс, понедельник, пн, monday, mon",
    "сейсенбі, сс, вторник, вт, tuesday, tue",
    "сәрсенбі, ср, среда, wednesday, wed",
    "бейсенбі, бс, четверг, чт, thursday, thu",
    "жұма, жм, пятница, пт, friday, fri",
    "сенбі, сб, суббота, saturday, sat",
    "жексенбі, жк, воскресенье, вс, sunday, sun",
)
_OF_DAY = {match_key(word): number for number, words in enumerate(_DAYS) for word in words.split(",")}


class ListUnfit(Refusal):
    """No list can be read from it: `why` is `empty`, `too_long`, `too_large`, `no_such_column` or `unreadable`."""

    code, status = "list_unfit", 422


class ImportRefused(Refusal):
    """Some rows are refused, and all or none were to be taken."""

    code, status = "import_refused", 409


class CellUnfit(Refusal):
    """What stands in a cell means nothing: an unknown class, subject, teacher, day, role or child."""

    code, status = "cell_unfit", 422


@dataclass(frozen=True, slots=True)
class Row:
    """`line`: as counted in the list, from 1. `cells`: column → what stands there, where something does."""

    line: int
    cells: dict[str, str]


def split(text: str) -> list[list[str]]:
    """Rows of cells of a pasted list: parted by tabs, else by semicolons, else by commas."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    head = [line for line in lines if line.strip()][:5]
    mark = next((one for one in "\t;," if any(one in line for line in head)), "\t")
    try:
        return [*csv.reader(lines, delimiter=mark)]
    except csv.Error:
        raise ListUnfit(why="unreadable") from None


def rows(kind: Kind, table: list[list[str]]) -> list[Row]:
    """The rows of a table, by its header or in the order of COLUMNS. Raises ListUnfit."""
    numbered = [
        (line, [clean(str(cell))[:LONGEST_CELL] for cell in cells[:MOST_COLUMNS]])
        for line, cells in enumerate(table, 1)
    ]
    numbered = [(line, cells) for line, cells in numbered if any(cells)]
    if not numbered:
        raise ListUnfit(why="empty")
    titles = [_OF_TITLE.get(match_key(cell)) for cell in numbered[0][1]]
    if sum(title is not None for title in titles) * 2 > sum(bool(cell) for cell in numbered[0][1]):
        numbered = numbered[1:]
    else:
        titles = list(COLUMNS[kind])
    have = {"name" if title == "family" else title for title in titles}
    if missing := [name for name in NEEDED[kind] if name not in have]:
        raise ListUnfit(why="no_such_column", columns=missing)
    if len(numbered) > MOST_ROWS:
        raise ListUnfit(why="too_long", most=MOST_ROWS)
    return [
        Row(line, {title: cell for title, cell in zip(titles, cells, strict=False) if title and cell})
        for line, cells in numbered
    ]


def name_of(row: Row) -> tuple[str, str, str]:
    """Family, given and patronymic: from their own columns, or the words of one in this order."""
    if "family" in row.cells:
        return row.cells["family"], row.cells.get("given", ""), row.cells.get("patronymic", "")
    family, given, *more = [*row.cells.get("name", "").split(), "", ""]
    return family, given, " ".join(more).strip()


def role_of(row: Row) -> str:
    """Without a role, a learner. Raises CellUnfit."""
    return _found(_OF_ROLE, row, "role", "оқушы")


def language_of(row: Row) -> Language | None:
    """None where none is written. Raises CellUnfit."""
    return _found(_OF_LANGUAGE, row, "language", "") if "language" in row.cells else None


def weekday_of(row: Row) -> int:
    """0 is Monday. Raises CellUnfit."""
    return _found(_OF_DAY, row, "day", "")


def _found(known: dict[str, T], row: Row, column: str, default: str) -> T:
    found = known.get(match_key(row.cells.get(column, default)))
    if found is None:
        raise CellUnfit(column=column)
    return found
