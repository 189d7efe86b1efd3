"""Rules of courses."""

from datetime import date

from lms_core.kernel.errors import Refusal
from lms_core.kernel.names import Names

FIRST_MONTH = 8
"""The school year begins on 1 September; from August on one plans for it."""


SUBJECTS: dict[str, Names] = {
    code: Names(kk, ru, en)
    for code, kk, ru, en in (
        ("literacy", "Сауат ашу", "Обучение грамоте", "Literacy"),
        ("kazakh", "Қазақ тілі", "Казахский язык", "Kazakh language"),
        ("kazakh_literature", "Қазақ әдебиеті", "Казахская литература", "Kazakh literature"),
        ("kazakh_second", "Қазақ тілі мен әдебиеті", "Казахский язык и литература", "Kazakh language and literature"),
        ("russian", "Орыс тілі", "Русский язык", "Russian language"),
        ("russian_literature", "Орыс әдебиеті", "Русская литература", "Russian literature"),
        ("russian_second", "Орыс тілі мен әдебиеті", "Русский язык и литература", "Russian language and literature"),
        ("english", "Ағылшын тілі", "Английский язык", "English language"),
        ("german", "Неміс тілі", "Немецкий язык", "German language"),
        ("french", "Француз тілі", "Французский язык", "French language"),
        ("mathematics", "Математика", "Математика", "Mathematics"),
        ("algebra", "Алгебра", "Алгебра", "Algebra"),
        ("analysis", "Алгебра және анализ бастамалары", "Алгебра и начала анализа", "Algebra and analysis"),
        ("geometry", "Геометрия", "Геометрия", "Geometry"),
        ("informatics", "Информатика", "Информатика", "Informatics"),
        ("digital_literacy", "Цифрлық сауаттылық", "Цифровая грамотность", "Digital literacy"),
        ("world", "Дүниетану", "Познание мира", "Knowledge of the world"),
        ("science", "Жаратылыстану", "Естествознание", "Natural science"),
        ("physics", "Физика", "Физика", "Physics"),
        ("chemistry", "Химия", "Химия", "Chemistry"),
        ("biology", "Биология", "Биология", "Biology"),
        ("geography", "География", "География", "Geography"),
        ("history", "Қазақстан тарихы", "История Казахстана", "History of Kazakhstan"),
        ("world_history", "Дүниежүзі тарихы", "Всемирная история", "World history"),
        ("law", "Құқық негіздері", "Основы права", "Basics of law"),
        ("music", "Музыка", "Музыка", "Music"),
        ("art", "Көркем еңбек", "Художественный труд", "Art and craft"),
        ("drawing", "Графика және жобалау", "Графика и проектирование", "Graphics and design"),
        ("sport", "Дене шынықтыру", "Физическая культура", "Physical education"),
        ("military", "Алғашқы әскери және технологиялық дайындық", "Начальная военная и технологическая подготовка",
         "Basic military and technological training"),
        ("business", "Кәсіпкерлік және бизнес негіздері", "Основы предпринимательства и бизнеса", "Business basics"),
        ("class_hour", "Сынып сағаты", "Классный час", "Class hour"),
        ("consultation", "Кеңес", "Консультация", "Consultation"),
    )
}  # fmt: skip
"""A directory to begin with: names commonly used in schools. Not a curriculum of the law."""


class SubjectTaken(Refusal):
    """The directory has that name already."""

    code, status = "subject_taken", 409


class NotATeacher(Refusal):
    """Who teaches a course has a role to teach: `persons` have none."""

    code, status = "not_a_teacher", 422


class CourseEnded(Refusal):
    code, status = "course_ended", 409


class CourseEmpty(Refusal):
    """A course has at least one group and one teacher."""

    code, status = "course_empty", 422


def school_year(day: date) -> int:
    """The year in which the school year of a day began."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def check_members(groups: int, teachers: int) -> None:
    if not groups or not teachers:
        raise CourseEmpty
